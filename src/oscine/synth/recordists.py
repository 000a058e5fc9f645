"""The people who record: their names, microphones, homes, and the sound of where they live.

A recordist's background is heard in all their recordings, and a recordist has favourite species:
a split that does not keep recordists together can be won by listening to the insects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oscine.core import generator
from oscine.synth.config import SynthConfig

NAMES = """
Ada Ashdown, Bruno Birchfield, Chidi Cattail, Dalia Dunlin, Emil Elmsworth, Farah Fennimore,
Greta Gorsebank, Hamid Heathcote, Ines Islay, Jonas Juniper, Kaya Knotweed, Luca Larkrise,
Mira Mossfield, Nadia Nightwater, Oskar Oakhanger, Priya Plover, Quinn Quillfeather,
Rosa Reedham, Sven Sedgemoor, Tomas Thistledown, Uma Underhill, Viktor Vetchling,
Wanda Willowmere, Yusuf Yarrowdale
"""
"""Invented people, each with a first and a last name."""
LICENSES = (
    "Creative Commons Attribution 4.0",
    "Creative Commons Attribution-ShareAlike 4.0",
    "Creative Commons Attribution-NonCommercial 4.0",
    "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
)


@dataclass(frozen=True)
class Habitat:
    """What is heard behind every bird at a place; levels in dB against each other.

    Args:
        wind_db: Red noise that comes in gusts.
        hiss_db: Steady noise of the recorder.
        rain_db: Drops, and the noise of many of them.
        insects_db: Narrow, chopped tones.
        insect_hz: Where the insects sing, Hz.
        chirp_hz: How fast they chop, Hz.
        hum_db: Mains hum.
        hum_hz: 50 or 60 Hz.
    """

    wind_db: float
    hiss_db: float
    rain_db: float
    insects_db: float
    insect_hz: tuple[float, ...]
    chirp_hz: float
    hum_db: float
    hum_hz: float


@dataclass(frozen=True)
class Microphone:
    """How a recorder colours what it hears.

    Args:
        sample_rate: What it writes, Hz.
        n_channels: 1, or 2 with the bird nearer to one side.
        low_cut_hz: Where it rolls off below, Hz.
        high_cut_hz: Where it rolls off above, Hz.
        tilt_db: Rise per octave around 3 kHz, dB.
        gain_db: Greatest level of its recordings, dB of full scale.
    """

    sample_rate: int
    n_channels: int
    low_cut_hz: float
    high_cut_hz: float
    tilt_db: float
    gain_db: float


@dataclass(frozen=True)
class Recordist:
    """A person who records.

    Args:
        index: Which one, from 0.
        name: Invented name.
        license: What all their recordings are under.
        latitude: Home, degrees north.
        longitude: Home, degrees east.
        nearness: How near they get to birds: 0 far, 1 near.
        microphone: Their recorder.
        habitat: The sound of where they live.
    """

    index: int
    name: str
    license: str
    latitude: float
    longitude: float
    nearness: float
    microphone: Microphone
    habitat: Habitat


def recordist_at(config: SynthConfig, index: int) -> Recordist:
    """Draw a recordist.

    Args:
        config: The chorus' settings.
        index: Which one, from 0.

    Returns:
        The recordist.
    """
    rng = generator(config.seed, "recordist", index)
    people = [name.split() for name in NAMES.split(",")]
    first = people[index % len(people)][0]
    last = people[(7 * index + index // len(people)) % len(people)][1]
    return Recordist(
        index=index,
        name=f"{first} {last} (synthetic)",
        license=LICENSES[int(rng.integers(len(LICENSES)))],
        latitude=round(float(rng.uniform(-35.0, 60.0)), 4),
        longitude=round(float(rng.uniform(-120.0, 150.0)), 4),
        nearness=float(rng.beta(2.0, 2.0)),
        microphone=draw_microphone(config, rng),
        habitat=draw_habitat(config.habitat_db, rng),
    )


def draw_microphone(config: SynthConfig, rng: np.random.Generator) -> Microphone:
    """Draw a recorder."""
    other = rng.random() < config.other_rates
    rate = int(rng.choice([16_000, 16_000, 32_000, 44_100])) if other else config.sample_rate
    return Microphone(
        sample_rate=rate,
        n_channels=2 if rng.random() < config.stereo else 1,
        low_cut_hz=float(rng.uniform(60.0, 300.0)),
        high_cut_hz=float(rng.uniform(5500.0, 14_000.0)),
        tilt_db=float(rng.normal(0.0, 1.5)),
        gain_db=float(rng.uniform(-16.0, -3.0)),
    )


def draw_habitat(habitat_db: float, rng: np.random.Generator) -> Habitat:
    """Draw the sound of a place.

    Args:
        habitat_db: Raises what is peculiar to the place, dB.
        rng: Draws everything else.
    """
    n_insects = int(rng.integers(0, 3))
    return Habitat(
        wind_db=float(rng.uniform(-6.0, 6.0)),
        hiss_db=float(rng.uniform(-12.0, -2.0)),
        rain_db=float(rng.uniform(-12.0, -2.0)) if rng.random() < 0.25 else -90.0,
        insects_db=habitat_db + float(rng.uniform(-14.0, -5.0)),
        insect_hz=tuple(float(f) for f in rng.uniform(3600.0, 7200.0, n_insects)),
        chirp_hz=float(rng.uniform(8.0, 45.0)),
        hum_db=habitat_db + (float(rng.uniform(-10.0, 0.0)) if rng.random() < 0.3 else -90.0),
        hum_hz=float(rng.choice([50.0, 60.0])),
    )
