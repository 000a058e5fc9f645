from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from chirps import chirps
from oracles import landmarks_slow
from oscine.audio import Fingerprinter, Landmarks, measure
from oscine.audio.fingerprint import FLOOR, LOUDEST, band_hz, clean

RATE = 44_100
SONG = chirps(1, 4.0)


def landmarks(waveform: np.ndarray, rate: int = RATE, block: int = 1 << 17) -> Landmarks:
    finder = Fingerprinter(rate)
    for start in range(0, len(waveform), block):
        finder.add(waveform[start : start + block].astype(np.float32))
    return finder.landmarks()


def kept(of: Landmarks, among: Landmarks, shift_ms: float = 0.0) -> float:
    """Share of landmarks that stand in another recording too, to 8 ms and half a band."""
    apart_ms = np.abs(of.at_ms[:, None].astype(float) + shift_ms - among.at_ms[None, :])
    apart = np.abs(of.pitch[:, None].astype(float) - among.pitch[None, :])
    return float(((apart_ms <= 8) & (apart <= 8)).any(axis=1).mean())


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_landmarks_are_those_of_the_slow_definition(rate: int) -> None:
    song = chirps(2, 1.5, rate)
    found = landmarks(song, rate)
    slow = np.array(landmarks_slow.landmarks(song, rate))
    # Where two neighbours are equal to 32 bits, either may be the peak.
    assert abs(len(found.at_ms) - len(slow)) <= 1
    apart = np.abs(found.at_ms[:, None] - slow[:, 0]) + np.abs(found.pitch[:, None] - slow[:, 1])
    # Each coordinate is rounded to a whole number.
    assert (apart.min(axis=1) < 1.1).mean() > 0.98


@given(block=st.integers(1, 60_000))
@settings(max_examples=15, deadline=None)
def test_blocks_of_any_length_give_the_same_landmarks(block: int) -> None:
    whole, parts = landmarks(SONG), landmarks(SONG, block=max(block, 300))
    np.testing.assert_array_equal(whole.at_ms, parts.at_ms)
    np.testing.assert_array_equal(whole.pitch, parts.pitch)


def test_there_are_about_thirty_a_second_in_order_of_time() -> None:
    found = landmarks(SONG)
    assert 20 < len(found.at_ms) / 4.0 < 50
    assert (np.diff(found.at_ms.astype(int)) >= 0).all()
    assert found.at_ms.max() < 4_000
    assert (found.at_ms.dtype, found.pitch.dtype) == (np.uint32, np.uint16)


@given(gain_db=st.floats(-35.0, 20.0))
@settings(max_examples=10, deadline=None)
def test_gain_moves_no_landmark(gain_db: float) -> None:
    louder = landmarks(SONG * 10 ** (gain_db / 20))
    assert kept(landmarks(SONG), louder) > 0.99


@pytest.mark.parametrize(("rate", "least"), [(48_000, 0.9), (32_000, 0.9), (22_050, 0.5)])
def test_another_rate_keeps_most_landmarks(rate: int, least: float) -> None:
    other = soxr.resample(SONG, RATE, rate)
    # 22.05 kHz has another number of frames in a block: other places in time, as in a cut.
    assert kept(landmarks(SONG), landmarks(other, rate)) > least


@pytest.mark.parametrize("start", [1, 100, 220, 441, 30_001])
def test_a_cut_at_any_place_keeps_half_of_the_landmarks(start: int) -> None:
    cut = landmarks(SONG[start:])
    assert kept(cut, landmarks(SONG), 1_000 * start / RATE) > 0.5


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.lo.mp3", "a.flac"])
def test_a_lossy_stereo_copy_keeps_its_landmarks(record, name: str) -> None:
    stereo = np.stack([SONG, SONG], axis=1)
    copy = measure(record(name, waveform=stereo), fingerprint=True).landmarks
    assert copy is not None
    delays_ms = range(-40, 60, 4)
    assert max(kept(landmarks(SONG), copy, delay_ms) for delay_ms in delays_ms) > 0.4


def test_another_song_keeps_few() -> None:
    assert kept(landmarks(SONG), landmarks(chirps(5, 4.0))) < 0.1


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.03, 0.06])
def test_silence_and_next_to_nothing_have_no_landmarks(seconds: float) -> None:
    assert landmarks(np.zeros(RATE)).at_ms.size == 0
    assert landmarks(SONG[: round(seconds * RATE)]).at_ms.size == 0


def test_bands_rise_from_300_hz_to_9_khz() -> None:
    centres = band_hz()
    assert centres[[0, -1]] == pytest.approx([300.0, 9_000.0])
    assert (np.diff(centres, 2) > 0).all()


def test_broken_values_are_tamed() -> None:
    tamed = clean(np.array([np.nan, np.inf, -np.inf, 1e30, 0.5], np.float32))
    assert tamed.tolist() == [0.0, LOUDEST, -LOUDEST, LOUDEST, 0.5]


def test_what_lies_below_the_floor_is_no_landmark() -> None:
    quiet = SONG * np.sqrt(FLOOR) / 10
    assert landmarks(quiet).at_ms.size == 0
