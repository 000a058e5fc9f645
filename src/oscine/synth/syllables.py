"""Notes -> waveforms: a few partials with a moving pitch, an envelope and a modulation.

Source: additive synthesis with a common phase, as in Roads, "The Computer Music Tutorial" (1996),
chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from oscine.core import seconds_to_samples
from oscine.synth.grammar import Note

ATTACK_S = 0.012
"""Rise and fall of a note's envelope, s; at most a third of the note each."""
TOP = 0.46
"""Partials above this share of the sample rate are left out: no aliasing."""


def render_note(note: Note, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Render one note.

    Args:
        note: What to sing; its onset is ignored.
        sample_rate: Hz.
        rng: Draws the roughness.

    Returns:
        Waveform of shape (samples,), with a peak of about 1 at level 0 dB.
    """
    syllable = note.syllable
    n_samples = max(8, seconds_to_samples(syllable.duration_s, sample_rate))
    time_s = np.arange(n_samples) / sample_rate
    octaves = _contour(syllable.contour, n_samples)
    if syllable.vibrato_hz:
        octaves = octaves + 0.03 * np.sin(2 * np.pi * syllable.vibrato_hz * time_s)
    if syllable.roughness:
        octaves = octaves + syllable.roughness * _jitter(n_samples, sample_rate, rng)
    pitch_hz = note.pitch_hz * np.exp2(octaves)
    turns = np.cumsum(pitch_hz) / sample_rate
    phase = (2 * np.pi * (turns % 1.0)).astype(np.float32)
    highest_hz = float(pitch_hz.max())
    wave = np.zeros(n_samples, dtype=np.float32)
    for partial in range(1, syllable.n_harmonics + 1):
        if partial * highest_hz > TOP * sample_rate:
            break
        weight = np.float32(10 ** (-syllable.rolloff_db * (partial - 1) / 20))
        wave += weight * np.sin(np.float32(partial) * phase)
    if syllable.pulse_hz:
        wave *= (0.5 - 0.5 * np.cos(2 * np.pi * syllable.pulse_hz * time_s)) ** 1.5
    wave *= 10 ** (syllable.level_db / 20) * _envelope(n_samples, sample_rate)
    return wave.astype(np.float32)


def render_notes(
    notes: Iterable[Note], n_samples: int, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Render notes into a waveform; what lies outside it is cut off.

    Args:
        notes: What is sung, and when.
        n_samples: Length of the waveform, samples.
        sample_rate: Hz.
        rng: Draws the roughness.

    Returns:
        Waveform of shape (n_samples,).
    """
    wave = np.zeros(n_samples, dtype=np.float32)
    for note in notes:
        start = seconds_to_samples(note.onset_s, sample_rate)
        sound = render_note(note, sample_rate, rng)[: max(0, n_samples - start)]
        wave[start : start + len(sound)] += sound
    return wave


def _contour(octaves: tuple[float, ...], n_samples: int) -> NDArray[np.float64]:
    """Smooth the corners: linear between the given points of a raised-cosine clock."""
    points = np.linspace(0.0, 1.0, len(octaves))
    clock = np.linspace(0.0, 1.0, n_samples)
    if len(octaves) > 2:
        segments = len(octaves) - 1
        whole = np.minimum(np.floor(clock * segments), segments - 1)
        part = clock * segments - whole
        clock = (whole + 0.5 - 0.5 * np.cos(np.pi * part)) / segments
    return np.interp(clock, points, octaves)


def _jitter(n_samples: int, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a random course of unit spread that turns about 400 times a second."""
    step = max(1, sample_rate // 800)
    points = rng.standard_normal(n_samples // step + 2)
    return np.interp(np.arange(n_samples) / step, np.arange(len(points)), points)


def _envelope(n_samples: int, sample_rate: int) -> NDArray[np.float64]:
    rise = max(1, min(seconds_to_samples(ATTACK_S, sample_rate), n_samples // 3))
    slope = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    envelope = np.ones(n_samples)
    envelope[:rise] = slope
    envelope[-rise:] = slope[::-1]
    return envelope
