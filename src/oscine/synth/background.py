"""What is heard when no bird sings: wind, hiss, rain, insects, hum.

Source: wind noise falls with about the square of the frequency (Nelke and Vary, "Measurement,
analysis and simulation of wind noise signals", IWAENC 2014); insect choruses are narrow bands
of chopped tones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oscine.core import seconds_to_samples
from oscine.synth.recordists import Habitat

Wave = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

Rng = np.random.Generator

INAUDIBLE_DB = -60.0
"""Parts of a habitat below this level are left out."""
SIDEBANDS = np.arange(-6, 7)
CHOP = np.fft.fft(np.sqrt(np.maximum(np.sin(2 * np.pi * np.arange(64) / 64), 0.0)))[SIDEBANDS] / 64
"""Fourier series of the chopping: half a period of sound, half of silence."""


def background_spectrum(habitat: Habitat, n_samples: int, sample_rate: int, rng: Rng) -> Spectrum:
    """Draw a place without birds.

    Steady noise and hum are drawn as spectra; what comes and goes is drawn as a waveform.

    Args:
        habitat: What sounds there, and how loud.
        n_samples: Length, samples, even.
        sample_rate: Hz.
        rng: Draws the noise; two recordings of a place differ.

    Returns:
        Real FFT of the waveform, shape (n_samples // 2 + 1,); the wind alone has about unit power
        at 0 dB.
    """
    f_hz = np.fft.rfftfreq(n_samples, 1 / sample_rate).astype(np.float32)
    wave = _wind(habitat.wind_db, f_hz, n_samples, sample_rate, rng)
    if habitat.rain_db > INAUDIBLE_DB:
        wave += _scaled(_drops(n_samples, sample_rate, rng), habitat.rain_db - 12.0)
    steady = np.full_like(f_hz, 10 ** ((habitat.hiss_db - 22.0) / 20))
    if habitat.rain_db > INAUDIBLE_DB:
        octaves = np.log2(f_hz + np.float32(1.0)) - np.float32(12.0)
        steady += np.float32(10 ** ((habitat.rain_db - 22.0) / 20)) * np.exp(-(octaves**2))
    spectrum = np.fft.rfft(wave).astype(np.complex64)
    spectrum += coloured_noise(steady, n_samples, rng)
    for insect_hz in habitat.insect_hz:
        _add_insect(spectrum, habitat, insect_hz, sample_rate, rng)
    if habitat.hum_db > INAUDIBLE_DB:
        _add_hum(spectrum, habitat, sample_rate, rng)
    return spectrum


def coloured_noise(shape: Wave, n_samples: int, rng: Rng) -> Spectrum:
    """Draw the spectrum of Gaussian noise.

    Args:
        shape: Amplitude at each frequency of a real FFT of `n_samples`; 1 everywhere gives white
            noise of unit power.
        n_samples: Length of the waveform, samples, even.
        rng: Draws the noise.

    Returns:
        Real FFT of the noise, shape as `shape`.
    """
    draws = rng.standard_normal(2 * len(shape), dtype=np.float32).view(np.complex64)
    return draws * (shape * np.float32(np.sqrt(n_samples / 2)))


def _scaled(wave: Wave, level_db: float) -> Wave:
    power = float(np.dot(wave, wave)) / len(wave) + 1e-20
    return wave * np.float32(10 ** (level_db / 20) / np.sqrt(power))


def _slow_course(n_samples: int, sample_rate: int, turns_hz: float, depth: float, rng: Rng) -> Wave:
    """Draw a positive, slowly changing loudness around 1."""
    duration_s = n_samples / sample_rate
    points = np.exp(depth * rng.standard_normal(int(duration_s * turns_hz) + 3))
    clock = np.linspace(0.0, len(points) - 1.0, n_samples)
    return np.interp(clock, np.arange(len(points)), points).astype(np.float32)


def _wind(level_db: float, f_hz: Wave, n_samples: int, sample_rate: int, rng: Rng) -> Wave:
    red = 1.0 / (1.0 + (f_hz / np.float32(180.0)) ** np.float32(1.2))
    wave = np.fft.irfft(coloured_noise(red, n_samples, rng), n_samples).astype(np.float32)
    return _scaled(wave, level_db) * _slow_course(n_samples, sample_rate, 0.8, 0.5, rng)


def _add_insect(
    spectrum: Spectrum, habitat: Habitat, insect_hz: float, sample_rate: int, rng: Rng
) -> None:
    """Add a chopped tone: lines a chirp rate apart, all blurred alike by a slow, random loudness.

    To multiply a tone by a periodic and by a slow course is to convolve its line with theirs.
    What lies above half the sample rate is not heard.
    """
    hz_per_line = sample_rate / 2 / (len(spectrum) - 1)
    lines = np.rint((insect_hz + habitat.chirp_hz * SIDEBANDS) / hz_per_line).astype(np.intp)
    n_blur = max(1, int(1.5 / hz_per_line))
    reach = np.arange(-n_blur, n_blur + 1)
    blur = rng.standard_normal((len(reach), 2)).view(np.complex128)[:, 0]
    blur *= np.exp(-0.5 * (2.5 * reach / n_blur) ** 2)
    blur[n_blur] += 2.0 * np.sqrt(np.sum(np.abs(blur) ** 2))
    values = np.outer(CHOP, blur)
    level = 10 ** ((habitat.insects_db - 12.0) / 20) * np.sqrt(2.0) * (len(spectrum) - 1)
    values *= level / np.sqrt(np.sum(np.abs(values) ** 2))
    places = lines[:, None] + reach
    inside = (places >= 0) & (places < len(spectrum))
    np.add.at(spectrum, places[inside], values[inside].astype(np.complex64))


def _drops(n_samples: int, sample_rate: int, rng: Rng) -> Wave:
    """Draw raindrops: short clicks of differing pitch, some 25 a second."""
    wave = np.zeros(n_samples, dtype=np.float32)
    click_n = seconds_to_samples(0.008, sample_rate)
    time_s = np.arange(click_n) / sample_rate
    for _ in range(rng.poisson(25.0 * n_samples / sample_rate)):
        start = int(rng.integers(0, max(1, n_samples - click_n)))
        ring = np.sin(2 * np.pi * rng.uniform(900.0, 5000.0) * time_s) * np.exp(-time_s / 0.0015)
        wave[start : start + click_n] += (rng.exponential() * ring).astype(np.float32)[
            : n_samples - start
        ]
    return wave


def _add_hum(spectrum: Spectrum, habitat: Habitat, sample_rate: int, rng: Rng) -> None:
    """Add partials of the mains, each on the nearest line of the spectrum."""
    n_samples = 2 * (len(spectrum) - 1)
    for partial in (1, 2, 3, 4, 6, 8):
        line = int(habitat.hum_hz * partial * n_samples / sample_rate + 0.5)
        amplitude = 10 ** (habitat.hum_db / 20) / partial * n_samples / 2
        spectrum[line] += np.complex64(amplitude * np.exp(2j * np.pi * rng.random()))
