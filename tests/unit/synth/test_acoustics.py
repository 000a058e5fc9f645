"""Distance dulls, walls of leaves echo, levels are what was asked for, and nothing clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oscine.core import generator
from oscine.synth.acoustics import (
    Place,
    Singer,
    _fft_length,
    distance_response,
    microphone_response,
    render_scene,
)
from oscine.synth.grammar import Note, Song, Syllable
from oscine.synth.recordists import Habitat, Microphone

RATE = 24_000
MICROPHONE = Microphone(RATE, 1, 100.0, 11_000.0, 0.0, -6.0)
HABITAT = Habitat(0.0, -10.0, -90.0, -90.0, (), 20.0, -90.0, 50.0)
TONE = Song((Note(1.0, 3000.0, Syllable(1.0, 0.0, (0.0, 0.0))),))


def scene(snr_db: float, microphone: Microphone = MICROPHONE, seed: int = 0) -> np.ndarray:
    singer = Singer("marpip9", (TONE,), 10.0, snr_db)
    return render_scene([singer], Place(HABITAT, microphone), 3.0, generator(seed, "test"))


def test_high_frequencies_suffer_more_from_distance() -> None:
    f_hz = np.array([1000.0, 4000.0, 8000.0], np.float32)
    loss_db = -20 * np.log10(distance_response(50.0, f_hz))
    np.testing.assert_allclose(loss_db, [0.34375, 5.5, 22.0], rtol=1e-5)  # float32


def test_a_microphone_passes_its_band_and_cuts_the_rest() -> None:
    f_hz = np.array([0.0, 50.0, 3000.0, 12_000.0], np.float32)
    response = microphone_response(MICROPHONE, f_hz)
    assert response[2] == pytest.approx(1.0, abs=0.01)
    assert response[[0, 1, 3]].max() < 0.7


@pytest.mark.parametrize("snr_db", [-6.0, 5.0, 30.0])
def test_the_peak_is_the_gain_of_the_microphone(snr_db: float) -> None:
    assert np.abs(scene(snr_db)).max() == pytest.approx(10 ** (-6 / 20), rel=1e-5)


def test_a_voice_at_20_db_has_a_hundred_times_the_power_of_the_background() -> None:
    spectrum = np.abs(np.fft.rfft(scene(20.0)[:, 0])) ** 2
    f_hz = np.fft.rfftfreq(3 * RATE, 1 / RATE)
    bird = np.abs(f_hz - 3000.0) < 20.0
    background = (f_hz >= 800.0) & ~bird
    # The tone lasts a third of the recording. Gusts and the microphone's colour leave 2 dB.
    assert 10 * np.log10(3 * spectrum[bird].sum() / spectrum[background].sum()) == pytest.approx(
        20.0, abs=2.0
    )


def test_the_bird_of_a_stereo_recording_is_nearer_to_one_side() -> None:
    stereo = scene(30.0, replace(MICROPHONE, n_channels=2))
    assert stereo.shape == (3 * RATE, 2)
    power = np.sum(stereo[RATE : 2 * RATE] ** 2, axis=0)
    assert power.max() > 3 * power.min()


def test_a_scene_is_a_function_of_its_generator() -> None:
    np.testing.assert_array_equal(scene(5.0), scene(5.0))
    assert not np.array_equal(scene(5.0), scene(5.0, seed=1))


@pytest.mark.parametrize(("least", "length"), [(7, 8), (97, 100), (108_001, 109_350)])
def test_transforms_have_the_next_even_length_with_small_factors(least: int, length: int) -> None:
    assert _fft_length(least) == length
