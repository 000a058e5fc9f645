"""Seven families of song, and the variants by which the species of one family differ.

Species of a family share their kind of syllable and their frequency range, and differ in time:
tempo, direction of the sweeps, order and number of the repetitions. That is what makes telling
them apart worth learning, and what makes a family that was learnt in one year useful in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from oscine.synth.grammar import Grammar, Phrase, Syllable

Rng = np.random.Generator

UP = (-0.18, 0.0, 0.2)
DOWN = (0.2, 0.0, -0.18)
CHEVRON = (-0.15, 0.15, -0.15)
VEE = (0.15, -0.12, 0.15)
SHAPES = (DOWN, UP, CHEVRON, VEE)
"""Contours by variant, in octaves."""


def _near(rng: Rng, value: float, spread: float = 0.12) -> float:
    """Draw a value near another one, by a factor."""
    return float(value * np.exp(rng.normal(0.0, spread)))


def _steep(shape: tuple[float, ...], factor: float) -> tuple[float, ...]:
    return tuple(factor * octaves for octaves in shape)


def whistler(variant: int, rng: Rng) -> Grammar:
    """Sing a few long pure tones at fixed intervals."""
    melodies = ((0.3, 0.0, 0.0), (0.0, 0.0, 0.3), (0.0, 0.25, 0.0, 0.25), (0.35, 0.18, 0.0))
    melody = melodies[variant % 4]
    length_s = _near(rng, (0.34, 0.24, 0.2, 0.42)[variant % 4])
    syllables = tuple(
        Syllable(
            length_s * (1.5 if i == 0 else 1.0),
            0.09,
            (step, step + 0.01),
            n_harmonics=2,
            rolloff_db=24.0,
            vibrato_hz=(0.0, 0.0, 11.0, 0.0)[variant % 4],
        )
        for i, step in enumerate(melody)
    )
    last = len(melody) - 1
    phrases = [Phrase(i, (1, 1)) for i in range(last)]
    return Grammar(_near(rng, 2700.0), syllables, (*phrases, Phrase(last, (1, 3))))


def triller(variant: int, rng: Rng) -> Grammar:
    """Repeat one short syllable fast and evenly."""
    rate_hz = _near(rng, (11.0, 20.0, 7.0, 27.0)[variant % 4], 0.06)
    duration_s = 0.62 / rate_hz
    syllable = Syllable(duration_s, 1.0 / rate_hz - duration_s, _steep(SHAPES[variant % 4], 1.5))
    low = int(rate_hz * 0.9)
    return Grammar(_near(rng, 4200.0), (syllable,), (Phrase(0, (low, int(low * 1.7))),))


def slider(variant: int, rng: Rng) -> Grammar:
    """Sing a series of sweeps that quickens or slows, and may end in a flourish."""
    contour = _steep(SHAPES[(variant + 1) % 4], 2.2)
    sweep = Syllable(_near(rng, (0.11, 0.17, 0.08, 0.13)[variant % 4]), 0.1, contour)
    flourish = Syllable(0.2, 0.05, (0.3, -0.3, 0.45, -0.1), n_harmonics=2)
    series = Phrase(
        0,
        (5, 9),
        quicken=(0.86, 1.12, 0.95, 0.8)[variant % 4],
        climb=(-0.05, 0.03, -0.02, 0.05)[variant % 4],
    )
    end = (Phrase(1, (1, 1)),) if variant % 2 else ()
    return Grammar(_near(rng, 3700.0), (sweep, flourish), (series, *end))


def croaker(variant: int, rng: Rng) -> Grammar:
    """Call in harmonic stacks."""
    stack = Syllable(
        _near(rng, (0.2, 0.11, 0.3, 0.15)[variant % 4]),
        (0.16, 0.07, 0.3, 0.22)[variant % 4],
        _steep(SHAPES[(variant + 2) % 4], 0.9),
        n_harmonics=9,
        rolloff_db=3.5,
        roughness=(0.0, 0.02, 0.03, 0.0)[variant % 4],
    )
    repeats = ((2, 4), (4, 8), (1, 3), (3, 5))[variant % 4]
    return Grammar(_near(rng, 760.0), (stack,), (Phrase(0, repeats),))


def rattler(variant: int, rng: Rng) -> Grammar:
    """Buzz: rough tones, chopped fast."""
    buzz = Syllable(
        _near(rng, (0.9, 0.28, 0.5, 0.2)[variant % 4]),
        (0.2, 0.12, 0.3, 0.08)[variant % 4],
        _steep(SHAPES[variant % 4], 0.7),
        n_harmonics=2,
        rolloff_db=14.0,
        pulse_hz=_near(rng, (62.0, 95.0, 38.0, 120.0)[variant % 4], 0.06),
        roughness=0.1,
    )
    tick = Syllable(0.025, 0.09, (0.5, -0.1))
    repeats = ((1, 2), (3, 5), (2, 3), (4, 7))[variant % 4]
    start = (Phrase(1, (2, 4)),) if variant % 2 == 0 else ()
    return Grammar(_near(rng, 4300.0), (buzz, tick), (*start, Phrase(0, repeats)))


def rambler(variant: int, rng: Rng) -> Grammar:
    """Mix many kinds of syllable, in an order that changes from song to song."""
    tempo = (1.0, 0.65, 1.4, 0.8)[variant % 4]
    shapes = [SHAPES[int(i)] for i in rng.permutation(4)]
    mixed = [
        Syllable(
            tempo * float(rng.uniform(0.07, 0.2)),
            tempo * float(rng.uniform(0.03, 0.09)),
            tuple(float(rng.uniform(-0.35, 0.35)) + octaves for octaves in _steep(shape, 1.4)),
            n_harmonics=int(rng.integers(1, 4)),
            vibrato_hz=float(rng.choice([0.0, 0.0, 28.0])),
        )
        for shape in (*shapes, shapes[0])
    ]
    buzz = Syllable(tempo * 0.18, 0.05, (0.2, 0.1), pulse_hz=70.0 + 25.0 * variant, roughness=0.06)
    phrases = [Phrase(i, ((1, 3), (1, 2), (2, 4), (1, 1))[(i + variant) % 4]) for i in range(6)]
    return Grammar(_near(rng, 3400.0), (*mixed, buzz), tuple(phrases), rambles=True)


def chimer(variant: int, rng: Rng) -> Grammar:
    """Alternate two notes in a steady rhythm."""
    interval = (0.32, 0.32, -0.28, 0.5)[variant % 4]
    first_s, second_s = ((0.12, 0.12), (0.2, 0.07), (0.1, 0.18), (0.09, 0.09))[variant % 4]
    gap_s = _near(rng, (0.16, 0.1, 0.12, 0.05)[variant % 4])
    syllables = (
        Syllable(first_s, gap_s, (interval + 0.06, interval), n_harmonics=3, rolloff_db=16.0),
        Syllable(second_s, 1.5 * gap_s, (0.05, -0.05), n_harmonics=3, rolloff_db=16.0),
    )
    pairs = int(rng.integers(3, 5))
    phrases = (Phrase(0, (1, 1)), Phrase(1, (1, 1))) * pairs
    return Grammar(_near(rng, 3300.0), syllables, phrases)


FAMILIES: Mapping[str, Callable[[int, Rng], Grammar]] = {
    "whistler": whistler,
    "triller": triller,
    "slider": slider,
    "croaker": croaker,
    "rattler": rattler,
    "rambler": rambler,
    "chimer": chimer,
}
"""The families by name; a function makes the grammar of one variant."""
