"""Backgrounds have the colour, the tones and the level of their habitat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oscine.core import generator
from oscine.synth.background import background_spectrum, coloured_noise
from oscine.synth.recordists import Habitat

RATE, N = 16_000, 64_000
F_HZ = np.fft.rfftfreq(N, 1 / RATE)
STILL = Habitat(-90.0, -90.0, -90.0, -90.0, (), 20.0, -90.0, 50.0)


def power_between(habitat: Habitat, low_hz: float, high_hz: float) -> float:
    spectrum = background_spectrum(habitat, N, RATE, generator(0, "test"))
    band = (low_hz <= F_HZ) & (high_hz > F_HZ)
    return float(np.sum(np.abs(spectrum[band]) ** 2))


def test_flat_noise_has_unit_power() -> None:
    spectrum = coloured_noise(np.ones(N // 2 + 1, np.float32), N, generator(0, "test"))
    # The mean square of 64,000 normal draws spreads by sqrt(2 / 64,000) = .0056.
    assert np.mean(np.fft.irfft(spectrum, N) ** 2) == pytest.approx(1.0, abs=0.025)


def test_wind_is_red() -> None:
    wind = replace(STILL, wind_db=0.0)
    assert power_between(wind, 20.0, 500.0) > 20 * power_between(wind, 2000.0, 2480.0)


def test_hum_stands_on_the_mains_frequency() -> None:
    hum = replace(STILL, hum_db=0.0, hum_hz=60.0)
    assert power_between(hum, 59.0, 61.0) > 0.5 * power_between(hum, 1.0, 8000.0)


@pytest.mark.parametrize("insect_hz", [3600.0, 5000.0, 7200.0])
def test_insects_sing_in_a_narrow_band_at_their_level(insect_hz: float) -> None:
    insects = replace(STILL, insects_db=0.0, insect_hz=(insect_hz,), chirp_hz=20.0)
    whole = power_between(insects, 0.0, 8001.0)
    assert power_between(insects, insect_hz - 130.0, insect_hz + 130.0) > 0.99 * whole
    # Parseval: the power of the waveform, -12 dB, is twice the sum over n_samples squared.
    # A tone is a hundredth of the noise of the silent parts at most.
    assert 2 * whole / N**2 == pytest.approx(10**-1.2, rel=0.02)


def test_insects_above_half_the_sample_rate_are_not_heard() -> None:
    insects = replace(STILL, insects_db=0.0, insect_hz=(9000.0,), chirp_hz=20.0)
    assert power_between(insects, 0.0, 8001.0) < 1.01 * power_between(STILL, 0.0, 8001.0)


def test_rain_is_louder_than_no_rain() -> None:
    rain = replace(STILL, rain_db=0.0)
    assert power_between(rain, 1000.0, 6000.0) > 1000 * power_between(STILL, 1000.0, 6000.0)


def test_two_recordings_of_a_place_differ_and_one_repeats() -> None:
    wind = replace(STILL, wind_db=0.0)
    one, other = (background_spectrum(wind, N, RATE, generator(s, "test")) for s in (0, 1))
    again = background_spectrum(wind, N, RATE, generator(0, "test"))
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(one, again)
