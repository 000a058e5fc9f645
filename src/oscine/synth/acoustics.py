"""From the beak to the file: distance, reverberation, the microphone, and the mix of it all.

Everything between a voice and the file is linear, so it is done once, on spectra.

Source: absorption of air grows with the square of the frequency (ISO 9613-1); an exponentially
decaying noise stands for the reflections of a forest (Moorer, "About this reverberation
business", 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.core import seconds_to_samples
from oscine.synth.background import background_spectrum
from oscine.synth.grammar import Note, Song
from oscine.synth.recordists import Habitat, Microphone
from oscine.synth.syllables import render_notes

TAIL_S = 0.5
"""Room for the reverberation after the last sample, s."""
BIRD_BAND_HZ = 800.0
"""The background is weighed above this frequency, where birds sing."""
NEAR_M, FAR_M = 5.0, 90.0
"""Nearest and farthest bird, m."""

Spectrum = NDArray[np.complex64]


@dataclass(frozen=True)
class Singer:
    """One bird of a scene.

    Args:
        code: Its species.
        songs: What it sings, and when.
        distance_m: How far it is from the microphone, m.
        snr_db: Its voice, while it sings, over the background above 800 Hz, dB.
    """

    code: str
    songs: tuple[Song, ...]
    distance_m: float
    snr_db: float

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes of all songs."""
        return tuple(note for song in self.songs for note in song.notes)


@dataclass(frozen=True)
class Place:
    """Where and with what a scene is recorded.

    Args:
        habitat: The background.
        microphone: The recorder.
    """

    habitat: Habitat
    microphone: Microphone


def render_scene(
    singers: Sequence[Singer], place: Place, duration_s: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Mix birds and background as the microphone hears them.

    Args:
        singers: The birds.
        place: Where, and with what.
        duration_s: Length, s.
        rng: Draws noise, reverberation and roughness.

    Returns:
        Waveform of shape (samples, channels) at the microphone's rate; its peak is the
        microphone's gain, so it never clips.
    """
    microphone = place.microphone
    rate = microphone.sample_rate
    n_samples = seconds_to_samples(duration_s, rate)
    n_fft = _fft_length(n_samples + seconds_to_samples(TAIL_S, rate))
    f_hz = np.fft.rfftfreq(n_fft, 1 / rate).astype(np.float32)
    background = background_spectrum(place.habitat, n_fft, rate, rng)
    floor = np.sqrt(_power(background, f_hz, n_fft))
    forest = _reverberation(n_fft, rate, rng)
    birds = np.zeros_like(background)
    for singer in singers:
        dry = _spectrum(render_notes(singer.notes, n_fft, rate, rng))
        birds += np.float32(floor) * _heard(singer, dry, forest, f_hz, rate)
    response = microphone_response(microphone, f_hz)
    near = _to_wave((background + birds) * response, n_fft, n_samples)
    channels = [near]
    if microphone.n_channels == 2:
        delay = np.exp(np.complex64(-2j * np.pi * 4e-4) * f_hz)
        far = (background * delay + 0.4 * birds) * response
        channels.insert(int(rng.integers(2)), _to_wave(far, n_fft, n_samples))
    wave = np.stack(channels, axis=1)
    peak = float(np.abs(wave).max()) + 1e-12
    return wave * np.float32(10 ** (microphone.gain_db / 20) / peak)


def distance_response(distance_m: float, f_hz: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give what air and leaves leave of each frequency; the level is the singer's `snr_db`.

    Args:
        distance_m: Metres.
        f_hz: Frequencies, Hz.

    Returns:
        Amplitude factors, shape as `f_hz`: 0.11 dB/m at 4 kHz, 0.44 dB/m at 8 kHz.
    """
    loss_db = np.float32(0.11 * distance_m) * (f_hz / np.float32(4000.0)) ** 2
    return _amplitude(-np.minimum(loss_db, np.float32(60.0)))


def microphone_response(microphone: Microphone, f_hz: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give a microphone's amplitude response, shape as `f_hz`."""
    safe_hz = np.maximum(f_hz, np.float32(20.0))
    below = np.square(np.float32(microphone.low_cut_hz) / safe_hz)
    above = np.square(np.square(safe_hz / np.float32(microphone.high_cut_hz)))
    tilt_db = np.float32(microphone.tilt_db) * np.log2(safe_hz / np.float32(3000.0))
    cut = np.sqrt((1.0 + np.square(below)) * (1.0 + np.square(above)))
    return np.asarray(_amplitude(tilt_db) / cut, dtype=np.float32)


def _amplitude(level_db: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.exp(level_db * np.float32(np.log(10.0) / 20)))


def _heard(
    singer: Singer, dry: Spectrum, forest: Spectrum, f_hz: NDArray[np.float32], rate: int
) -> Spectrum:
    """Give a singer's spectrum at the microphone, for a background of unit power."""
    n_fft = 2 * (len(dry) - 1)
    wet = np.float32(0.15 + 0.55 * singer.distance_m / FAR_M)
    heard = dry * distance_response(singer.distance_m, f_hz) * (1 + wet * forest)
    sung_s = sum(note.syllable.duration_s for note in singer.notes)
    voiced = max(1e-3, min(1.0, sung_s * rate / n_fft))
    level = np.sqrt(_power(heard, f_hz, n_fft) / voiced) + 1e-12
    return np.asarray(heard * np.float32(10 ** (singer.snr_db / 20) / level))


def _reverberation(n_fft: int, rate: int, rng: np.random.Generator) -> Spectrum:
    """Draw the reflections of a place, of unit energy, without the direct sound."""
    n_tail = seconds_to_samples(TAIL_S, rate)
    time_s = np.arange(n_tail) / rate
    tail = rng.standard_normal(n_tail) * np.exp(-time_s / float(rng.uniform(0.05, 0.14)))
    response = np.zeros(n_fft, dtype=np.float32)
    response[:n_tail] = tail / np.sqrt(np.sum(tail**2))
    return _spectrum(response)


def _fft_length(least: int) -> int:
    """Find the next even length whose prime factors are 2, 3 and 5, which make a fast FFT."""
    length = least + least % 2
    while _without_small_factors(length) != 1:
        length += 2
    return length


def _without_small_factors(number: int) -> int:
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number


def _spectrum(wave: NDArray[np.float32]) -> Spectrum:
    return np.fft.rfft(wave).astype(np.complex64)


def _power(spectrum: Spectrum, f_hz: NDArray[np.float32], n_fft: int) -> float:
    """Mean square of the waveform above `BIRD_BAND_HZ`, by Parseval's theorem."""
    band = spectrum[f_hz >= BIRD_BAND_HZ]
    return float(2.0 * np.sum(band.real**2 + band.imag**2, dtype=np.float64) / n_fft**2)


def _to_wave(spectrum: NDArray[np.complex64], n_fft: int, n_samples: int) -> NDArray[np.float32]:
    return np.fft.irfft(spectrum, n_fft)[:n_samples].astype(np.float32)
