"""Settings of the synthetic chorus, its named sizes, and the knobs that make it hard or easy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from oscine.config import Config, Probability
from oscine.core import ConfigError

MAX_SPECIES = 28
"""How many species have a name of their own."""


class SynthConfig(Config):
    """What the chorus holds; it is a pure function of these settings."""

    seed: int = Field(42, ge=0)
    """Seed of every draw."""

    n_species_pretrain: int = Field(16, ge=2)
    """Species of `year_a`, the catalog to pretrain on."""
    n_species_target: int = Field(8, ge=2)
    """Species of `year_b`, the catalog that matters."""
    n_species_shared: int = Field(3, ge=0)
    """How many of the target's species stand in `year_a` too."""
    pretrain_most: int = Field(52, ge=1)
    """Recordings of the commonest species of `year_a`."""
    pretrain_least: int = Field(8, ge=1)
    """Recordings of the rarest species of `year_a`."""
    target_most: int = Field(36, ge=1)
    """Recordings of the commonest species of `year_b`."""
    target_least: int = Field(6, ge=1)
    """Recordings of the rarest species of `year_b`."""
    n_recordists: int = Field(24, ge=2)
    """People who recorded, each with a microphone, a habitat and favourite species."""

    sample_rate: int = Field(24_000, ge=8_000)
    """Native rate of most recorders, Hz."""
    other_rates: Probability = 0.2
    """Share of recorders that write 16, 32 or 44.1 kHz instead."""
    stereo: Probability = 0.1
    """Share of recorders with two channels, the bird nearer to one of them."""
    duration_s: tuple[float, float] = (4.0, 20.0)
    """Shortest and longest recording, s."""
    median_duration_s: float = Field(5.0, gt=0.0)
    """Median length of a recording, s."""

    snr_db: tuple[float, float] = (-6.0, 20.0)
    """Voice over background from the farthest bird to the nearest, dB (background over 800 Hz)."""
    habitat_db: float = 0.0
    """Raises a recordist's own insects and hum over the wind, dB: what leaks without groups."""
    late_start: Probability = 0.5
    """Share of recordings whose bird is silent until the second half."""
    song_gap_s: float = Field(2.0, gt=0.0)
    """Mean silence between two songs of a recording, s; soundscapes have twice as much."""
    individuality: float = Field(1.0, ge=0.0)
    """How much individuals of a species differ; 0: not at all, 1: as in nature."""
    secondary: Probability = 0.35
    """Share of recordings with other species behind the main voice."""
    secondary_listed: Probability = 0.8
    """Share of those species that `secondary_labels` tells."""

    n_soundscapes: int = Field(3, ge=0)
    """Soundscapes of `year_b`, each with exact annotations."""
    soundscape_s: float = Field(60.0, ge=5.0)
    """Length of a soundscape, s."""
    soundscape_rate: int = Field(32_000, ge=8_000)
    """Sample rate of the soundscapes, Hz."""

    n_overlap: int = Field(6, ge=0)
    """Recordings of `year_b` that stand in `year_a` too, under the same id."""
    n_duplicate_key: int = Field(3, ge=0)
    """Recordings of `year_a` that stand there twice, as ogg and as flac, under one id."""
    n_duplicate_bytes: int = Field(3, ge=0)
    """Recordings that stand under a second id too, byte for byte."""
    n_conflicts: int = Field(2, ge=0)
    """Recordings of `year_a` that stand under two species."""
    n_truncated: int = Field(2, ge=0)
    """Files that end before their header says: one a flac, one a wav, and so on."""
    n_cut_ogg: int = Field(1, ge=0)
    """Ogg files without their end; no header promises a length there, so they are just shorter."""
    n_empty: int = Field(1, ge=0)
    """Files of zero bytes."""
    n_unreadable: int = Field(2, ge=0)
    """Files of garbage."""
    n_silent: int = Field(2, ge=0)
    """Files of digital silence."""
    n_non_finite: int = Field(1, ge=0)
    """Float wav files with NaN in them."""

    @property
    def n_species(self) -> int:
        """How many species there are in both years together."""
        return self.n_species_pretrain + self.n_species_target - self.n_species_shared

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.n_species_shared > min(self.n_species_pretrain, self.n_species_target):
            raise ValueError("n_species_shared is more than a year has species")
        if self.n_species > MAX_SPECIES:
            raise ValueError(f"{self.n_species} species are more than the {MAX_SPECIES} with names")
        if self.n_overlap and not self.n_species_shared:
            raise ValueError("n_overlap needs a shared species: raise n_species_shared")
        for name in ("duration_s", "snr_db"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} runs from the least to the greatest")
        if self.duration_s[0] < 1.0:
            raise ValueError("duration_s starts at 1 s or more: a shorter one may hold no song")
        return self


SIZES: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "n_species_pretrain": 5,
        "n_species_target": 4,
        "n_species_shared": 2,
        "pretrain_most": 9,
        "pretrain_least": 5,
        "target_most": 7,
        "target_least": 4,
        "n_recordists": 8,
        "duration_s": (4.0, 6.0),
        "median_duration_s": 4.5,
        "n_soundscapes": 1,
        "soundscape_s": 30.0,
        "n_overlap": 2,
        "n_duplicate_key": 1,
        "n_duplicate_bytes": 1,
        "n_conflicts": 1,
        "n_unreadable": 1,
        "n_silent": 1,
    },
    "demo": {},
}
"""The named sizes, as changes to the defaults."""


def sized(size: str, **changes: Any) -> SynthConfig:
    """Make the settings of a named size.

    Args:
        size: A key of `SIZES`.
        changes: Settings that differ from it, such as `seed`.

    Returns:
        The settings.

    Raises:
        ConfigError: No such size.

    Example:
        >>> sized("tiny", seed=7).n_species
        7
    """
    if size not in SIZES:
        raise ConfigError(f"no size {size!r}", where="synth", fix=f"choose from {list(SIZES)}")
    return SynthConfig(**{**SIZES[size], **changes})
