"""Rendered notes have the pitch, the partials and the place in time that was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from oscine.core import generator
from oscine.synth.grammar import Note, Syllable
from oscine.synth.syllables import render_note, render_notes

RATE = 16_000


def peak_hz(wave: np.ndarray, low_hz: float = 0.0) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    f_hz = np.fft.rfftfreq(len(wave), 1 / RATE)
    return float(f_hz[np.argmax(spectrum * (f_hz >= low_hz))])


@pytest.mark.parametrize("octaves", [-1.0, 0.0, 1.0])
def test_a_whistle_sounds_at_its_pitch(octaves: float) -> None:
    wave = render_note(Note(0.0, 2000.0, Syllable(0.5, 0.0, (octaves, octaves))), RATE, rng())
    # A line of the half-second spectrum is 2 Hz wide.
    assert peak_hz(wave) == pytest.approx(2000.0 * 2**octaves, abs=2.0)


def test_a_sweep_starts_low_and_ends_high() -> None:
    wave = render_note(Note(0.0, 2000.0, Syllable(0.4, 0.0, (-0.5, 0.5))), RATE, rng())
    assert peak_hz(wave[: RATE // 20]) < 1600.0
    assert peak_hz(wave[-RATE // 20 :]) > 2500.0


def test_partials_that_would_alias_are_left_out() -> None:
    stack = Syllable(0.5, 0.0, (0.0, 0.0), n_harmonics=9, rolloff_db=3.0)
    wave = render_note(Note(0.0, 3000.0, stack), RATE, rng())
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    f_hz = np.fft.rfftfreq(len(wave), 1 / RATE)
    harmonic = np.min(np.abs(f_hz[:, None] - [3000.0, 6000.0]), axis=1) < 50.0
    # A Hann window's far side lobes lie more than 60 dB below its peak.
    assert spectrum[~harmonic].max() < 1e-3 * spectrum.max()


def test_a_pulsed_note_is_chopped_at_its_rate() -> None:
    buzz = Syllable(1.0, 0.0, (0.0, 0.0), pulse_hz=50.0)
    wave = render_note(Note(0.0, 3000.0, buzz), RATE, rng())
    assert peak_hz(wave**2, low_hz=20.0) in {50.0, 6000.0}


def test_a_note_fades_in_and_out() -> None:
    wave = render_note(Note(0.0, 2000.0, Syllable(0.2, 0.0, (0.0, 0.0))), RATE, rng())
    assert abs(wave[0]) < 0.01
    assert abs(wave[-1]) < 0.01


def test_notes_stand_where_they_were_sung_and_nowhere_else() -> None:
    note = Note(0.5, 2000.0, Syllable(0.1, 0.0, (0.0, 0.0)))
    wave = render_notes([note], RATE, RATE, rng())
    heard = np.flatnonzero(np.abs(wave) > 1e-3)
    assert heard[0] >= 8000
    assert heard[-1] < 9600


def test_what_lies_beyond_the_end_is_cut_off() -> None:
    late = Note(0.95, 2000.0, Syllable(0.5, 0.0, (0.0, 0.0)))
    outside = Note(2.0, 2000.0, Syllable(0.5, 0.0, (0.0, 0.0)))
    assert render_notes([late, outside], RATE, RATE, rng()).shape == (RATE,)


def rng() -> np.random.Generator:
    return generator(0, "test")
