from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chirps import chirps
from oscine.audio import Supposed, align, align_all

RATE = 44_100
SONG = chirps(1, 6.0)


@pytest.fixture
def song(record) -> Path:
    return record("song.wav", waveform=SONG)


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.lo.mp3", "a.m4a", "a.flac"])
def test_a_copy_in_another_format_correlates(record, song: Path, name: str) -> None:
    found = align(Supposed(song, record(name, waveform=SONG), 0.0, (0.0, 6.0)))
    # A codec of 32 kbit/s drops much of the band.
    assert found.score > 0.7
    assert found.least_score > 0.5
    assert abs(found.offset_s) < 0.06


@pytest.mark.parametrize("error_s", [-0.03, 0.0, 0.03])
def test_a_cut_is_placed_to_a_tenth_of_a_millisecond(record, song: Path, error_s: float) -> None:
    cut = record("cut.wav", waveform=SONG[2 * RATE : 4 * RATE])
    found = align(Supposed(song, cut, 2.0 + error_s, (2.03, 3.97)))
    assert found.score > 0.95
    assert found.offset_s == pytest.approx(2.0, abs=1e-4)


def test_a_cut_that_begins_before_the_other_has_a_negative_offset(record, song: Path) -> None:
    cut = record("cut.wav", waveform=SONG[2 * RATE :])
    found = align(Supposed(cut, song, -2.0, (0.0, 4.0)))
    assert found.score > 0.95
    assert found.offset_s == pytest.approx(-2.0, abs=1e-4)


def test_the_same_notes_in_another_recording_do_not_correlate(record, song: Path) -> None:
    # A whistled imitation: the same notes at the same times, in another phase and another hiss.
    spectrum = np.fft.rfft(SONG)
    turned = np.exp(1j * np.cumsum(np.random.default_rng(3).normal(0.0, 0.2, len(spectrum))))
    imitation = np.fft.irfft(spectrum * turned, len(SONG)).astype(np.float32)
    found = align(Supposed(song, record("b.wav", waveform=imitation), 0.0, (0.0, 6.0)))
    assert found.score < 0.3


def test_other_sound_does_not_correlate(record, song: Path) -> None:
    other = record("b.wav", waveform=chirps(2, 6.0))
    assert align(Supposed(song, other, 0.0, (0.0, 6.0))).score < 0.15


def test_an_edited_copy_has_a_piece_that_disagrees(record, song: Path) -> None:
    edited = SONG.copy()
    edited[4 * RATE :] = chirps(9, 6.0)[4 * RATE :]
    found = align(Supposed(song, record("b.wav", waveform=edited), 0.0, (0.0, 6.0)))
    assert found.score > 0.4
    assert found.least_score < 0.15


def test_a_copy_with_noise_still_correlates(record, song: Path) -> None:
    noisy = SONG + 0.03 * np.random.default_rng(0).standard_normal(len(SONG)).astype(np.float32)
    found = align(Supposed(song, record("b.wav", waveform=noisy), 0.0, (0.0, 6.0)))
    assert 0.3 < found.score < 0.95


def test_what_cannot_be_read_or_is_silent_agrees_with_nothing(record, song: Path) -> None:
    silent = record("b.wav", waveform=np.zeros(6 * RATE, np.float32))
    pairs = [Supposed(song, other, 0.0, (0.0, 6.0)) for other in (silent, Path("gone.wav"))]
    assert [found.score for found in align_all(pairs, workers=2)] == [0.0, 0.0]
