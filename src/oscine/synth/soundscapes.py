"""Long passive recordings of the target's species, and who sings in them, to the millisecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oscine.core import generator
from oscine.synth.acoustics import Place, Singer, render_scene
from oscine.synth.config import SynthConfig
from oscine.synth.files import encode
from oscine.synth.recordists import Microphone, draw_habitat
from oscine.synth.scenes import distance_at, sing_through, snr_at
from oscine.synth.species import Roster, Species, voice_of

N_SITES = 4
SITE_BIRDS = 1000
"""Individuals at a site are numbered from here, apart from the recordists' birds."""
WINDOW_S = 5.0
"""Length of a labelled window, s."""
LEAST_OVERLAP_S = 0.25
"""A song that lies less than this in a window does not label it, s."""


@dataclass(frozen=True)
class Soundscape:
    """A soundscape worked out.

    Args:
        index: Its number.
        name: File name without extension, in the 2026 style.
        site: Where it stands, from 0.
        duration_s: Length, s.
        singers: Who sings in it.
    """

    index: int
    name: str
    site: int
    duration_s: float
    singers: tuple[Singer, ...]


@dataclass(frozen=True)
class Event:
    """One song in a soundscape: a box in time and frequency.

    Args:
        start_s: First moment, s.
        end_s: Last moment, s.
        f_min_hz: Lowest frequency, Hz.
        f_max_hz: Highest frequency of the strong partials, Hz.
        species_code: Who sings.
    """

    start_s: float
    end_s: float
    f_min_hz: float
    f_max_hz: float
    species_code: str


def draft_soundscape(config: SynthConfig, roster: Roster, index: int) -> Soundscape:
    """Work out a soundscape.

    Args:
        config: The chorus' settings.
        roster: The species; those of the target sing, and sometimes one that is not of it.
        index: Which one, from 0.

    Returns:
        A function of the settings and the index.
    """
    rng = generator(config.seed, "soundscape", index)
    site = index % N_SITES
    strangers = [one for one in roster.pretrain if one not in roster.target]
    count = min(len(roster.target), int(rng.integers(3, 6)))
    cast = [roster.target[int(i)] for i in rng.choice(len(roster.target), count, replace=False)]
    if strangers and rng.random() < 0.5:
        cast.append(strangers[int(rng.integers(len(strangers)))])
    singers = tuple(_singer(config, one, site, rng) for one in cast)
    hour, day = int(rng.integers(4, 9)), 1 + index % 28
    name = f"SYNTH_Train_{index + 1:04d}_S{site + 1:02d}_202605{day:02d}_{hour:02d}0000"
    return Soundscape(index, name, site, config.soundscape_s, singers)


def soundscape_bytes(config: SynthConfig, soundscape: Soundscape) -> bytes:
    """Render and encode a soundscape."""
    rng = generator(config.seed, "soundscape-sound", soundscape.index)
    place = _site(config, soundscape.site)
    wave = render_scene(soundscape.singers, place, soundscape.duration_s, rng)
    return encode(wave, config.soundscape_rate, ".ogg")


def events(soundscape: Soundscape) -> list[Event]:
    """List every song, in order of time."""
    found = [
        Event(
            start_s=round(song.start_s, 3),
            end_s=round(min(song.end_s, soundscape.duration_s), 3),
            f_min_hz=round(min(note.f_min_hz for note in song.notes), 1),
            f_max_hz=round(max(note.f_max_hz for note in song.notes), 1),
            species_code=singer.code,
        )
        for singer in soundscape.singers
        for song in singer.songs
    ]
    return sorted(found, key=lambda event: (event.start_s, event.species_code))


def window_labels(soundscape: Soundscape) -> list[tuple[float, float, tuple[str, ...]]]:
    """Label the windows of five seconds in which somebody sings.

    Args:
        soundscape: The soundscape.

    Returns:
        Rows (start_s, end_s, species codes in order of the alphabet); a window without a voice
        has no row.
    """
    rows = []
    sung = events(soundscape)
    for k in range(int(soundscape.duration_s / WINDOW_S)):
        start_s, end_s = k * WINDOW_S, (k + 1) * WINDOW_S
        codes = {
            event.species_code
            for event in sung
            if min(end_s, event.end_s) - max(start_s, event.start_s) >= LEAST_OVERLAP_S
        }
        if codes:
            rows.append((start_s, end_s, tuple(sorted(codes))))
    return rows


def _singer(config: SynthConfig, one: Species, site: int, rng: np.random.Generator) -> Singer:
    """Let a bird sing for a while: not all of the soundscape."""
    nearness = float(rng.uniform(0.1, 0.85))
    length_s = float(rng.uniform(0.4, 0.9)) * config.soundscape_s
    start_s = float(rng.uniform(0.0, config.soundscape_s - length_s))
    voice = voice_of(config, one.code, SITE_BIRDS + site, int(rng.integers(2)))
    span_s = (start_s, start_s + length_s)
    songs = sing_through(one.grammar, voice, span_s, 2.0 * config.song_gap_s, rng)
    return Singer(one.code, songs, distance_at(nearness), snr_at(config, nearness))


def _site(config: SynthConfig, site: int) -> Place:
    """Draw a site; all have the same model of recorder."""
    habitat = draw_habitat(config.habitat_db, generator(config.seed, "site", site))
    return Place(habitat, Microphone(config.soundscape_rate, 1, 120.0, 12_000.0, 0.0, -6.0))
