"""What happens in one recording: who sings when, how far away, and what the table says of it.

A draft is drawn without rendering any sound, so that tables and audio come from the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.core import generator
from oscine.synth.acoustics import FAR_M, NEAR_M, Place, Singer, render_scene
from oscine.synth.config import SynthConfig
from oscine.synth.grammar import Grammar, Song, Voice, sing
from oscine.synth.recordists import Recordist
from oscine.synth.species import Species, voice_of

Rng = np.random.Generator

LEAST_S = 1.8
"""A voice gets at least this much of the recording, s."""
TYPES = ("['song']", "['song']", "['song']", "['call']", "['male', 'song']", "['']")


@dataclass(frozen=True)
class Scene:
    """What a recording is about; equal scenes sound the same.

    Args:
        index: Its number, which all its draws follow from.
        species: Who is recorded; more than one where the label is disputed.
        pool: Who may sing behind it.
        recordist: Who records.
    """

    index: int
    species: tuple[Species, ...]
    pool: tuple[Species, ...]
    recordist: Recordist


@dataclass(frozen=True)
class Draft:
    """A scene worked out.

    Args:
        duration_s: Length, s.
        singers: The recorded birds first, then those behind them.
        secondary_labels: The species behind that the table tells.
        type_text: The table's `type`.
        rating: 0.5 to 5 in halves; 0: unrated.
        latitude: Degrees north, or None.
        longitude: Degrees east, or None.
    """

    duration_s: float
    singers: tuple[Singer, ...]
    secondary_labels: tuple[str, ...]
    type_text: str
    rating: float
    latitude: float | None
    longitude: float | None


def sing_through(
    grammar: Grammar, voice: Voice, span_s: tuple[float, float], gap_s: float, rng: Rng
) -> tuple[Song, ...]:
    """Sing song after song until the time is over; there is always one, cut if need be.

    Args:
        grammar: The species' grammar.
        voice: The individual.
        span_s: First and last moment, s.
        gap_s: Mean silence between two songs, s.
        rng: Draws the songs and silences.
    """
    now_s, end_s = span_s
    songs: list[Song] = []
    while True:
        song = sing(grammar, voice, rng).moved(now_s)
        if song.end_s > end_s:
            return tuple(songs) or (song.cut(end_s),)
        songs.append(song)
        now_s = song.end_s + 0.3 + float(rng.exponential(gap_s))


def draft(config: SynthConfig, scene: Scene) -> Draft:
    """Work out a scene.

    Args:
        config: The chorus' settings.
        scene: What it is about.

    Returns:
        A function of the seed and the scene, and of nothing else.
    """
    rng = generator(config.seed, "scene", scene.index)
    low_s, high_s = config.duration_s
    drawn_s = config.median_duration_s * np.exp(rng.normal(0.0, 0.4))
    duration_s = round(float(np.clip(drawn_s, low_s, high_s)), 2)
    nearness = 0.4 * scene.recordist.nearness + 0.6 * float(rng.random())
    singers = [
        _main_singer(config, scene, one, (duration_s, nearness), rng) for one in scene.species
    ]
    behind = _singers_behind(config, scene, duration_s, singers[0].snr_db, rng)
    listed = tuple(one.code for one in behind if rng.random() < config.secondary_listed)
    rating = float(np.clip(np.round(2 * (1.5 + 3.5 * nearness + rng.normal(0, 0.5))) / 2, 0.5, 5.0))
    known = rng.random() > 0.05
    home = scene.recordist.latitude, scene.recordist.longitude
    return Draft(
        duration_s=duration_s,
        singers=(*singers, *behind),
        secondary_labels=listed,
        type_text=TYPES[int(rng.integers(len(TYPES)))],
        rating=rating if rng.random() > 0.08 else 0.0,
        latitude=round(home[0] + float(rng.normal(0.0, 0.2)), 4) if known else None,
        longitude=round(home[1] + float(rng.normal(0.0, 0.2)), 4) if known else None,
    )


def render_recording(config: SynthConfig, scene: Scene) -> tuple[NDArray[np.float32], int]:
    """Render a scene.

    Args:
        config: The chorus' settings.
        scene: What to render.

    Returns:
        Waveform of shape (samples, channels), and its sample rate in Hz.
    """
    plan = draft(config, scene)
    place = Place(scene.recordist.habitat, scene.recordist.microphone)
    rng = generator(config.seed, "sound", scene.index)
    wave = render_scene(plan.singers, place, plan.duration_s, rng)
    return wave, place.microphone.sample_rate


def distance_at(nearness: float) -> float:
    """Turn nearness, 0 to 1, into metres on a logarithmic scale.

    Example:
        >>> distance_at(1.0), distance_at(0.0)
        (5.0, 90.0)
    """
    return float(FAR_M * (NEAR_M / FAR_M) ** nearness)


def snr_at(config: SynthConfig, nearness: float) -> float:
    """Turn nearness, 0 to 1, into the voice's level over the background, dB."""
    low_db, high_db = config.snr_db
    return low_db + (high_db - low_db) * nearness


def _main_singer(
    config: SynthConfig, scene: Scene, species: Species, take: tuple[float, float], rng: Rng
) -> Singer:
    duration_s, nearness = take
    late = rng.random() < config.late_start
    start_s = duration_s * float(rng.uniform(0.5, 0.7) if late else rng.uniform(0.0, 0.3))
    start_s = min(start_s, max(0.0, duration_s - LEAST_S))
    voice = voice_of(config, species.code, scene.recordist.index, int(rng.integers(2)))
    span_s = (start_s, duration_s)
    songs = sing_through(species.grammar, voice, span_s, config.song_gap_s, rng)
    return Singer(species.code, songs, distance_at(nearness), snr_at(config, nearness))


def _singers_behind(
    config: SynthConfig, scene: Scene, duration_s: float, main_db: float, rng: Rng
) -> tuple[Singer, ...]:
    others = [one for one in scene.pool if one not in scene.species]
    if rng.random() >= config.secondary or not others:
        return ()
    count = min(len(others), 1 + int(rng.random() < 0.3))
    singers = []
    for i in rng.choice(len(others), count, replace=False):
        one = others[int(i)]
        voice = voice_of(config, one.code, scene.recordist.index, int(rng.integers(2)))
        start_s = float(rng.uniform(0.0, max(0.0, duration_s - LEAST_S)))
        songs = sing_through(one.grammar, voice, (start_s, duration_s), 3.0, rng)
        softer_db = main_db - float(rng.uniform(3.0, 12.0))
        singers.append(
            Singer(one.code, songs, distance_at(float(rng.uniform(0.0, 0.5))), softer_db)
        )
    return tuple(singers)
