"""Settings of the audio floor: the window a model sees, and how recordings are decoded to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from oscine.config import Config

Mix = Literal["mean", "first"]
"""How channels become one: their mean, or the first alone."""

Crop = Literal["random", "first", "loudest"]
"""Which window of a long recording training sees."""

Short = Literal["wrap", "pad", "repeat"]
"""How a clip shorter than the window fills it."""

CacheForm = Literal["int16", "flac"]
"""How the decode cache keeps 16-bit values: as they are, or as FLAC."""


class AudioConfig(Config):
    """Settings of decoding, cropping and caching."""

    sample_rate: int = Field(32_000, ge=1_000, le=384_000)
    """Rate that every recording is resampled to, Hz."""
    window_s: float = Field(10.0, gt=0.0, le=600.0)
    """Length of the window that the model sees, s."""
    mix: Mix = "mean"
    """Channels become one by their mean, or by taking the first."""
    crop: Crop = "random"
    """Training window of a long recording: random; first; loudest of a few random ones."""
    short: Short = "wrap"
    """A clip shorter than the window: wrap goes round and round; repeat puts whole copies, then
    silence; pad puts silence."""
    clip_context: bool = True
    """A clip shorter than the window, of a longer recording: whether what stands around it fills
    the window; false: as `short` says."""
    cache: Literal["none"] | CacheForm = "none"
    """Decode each recording once to files of 16 bits at sample_rate, or decode at every read; flac
    takes less disk than int16, and more time to read."""
    cache_folder: str = "caches"
    """Where the decode cache stands; runs share it."""
    cache_budget_gb: float = Field(20.0, gt=0.0)
    """The most that the decode cache may take, GB (1e9 bytes)."""
    workers: int = Field(0, ge=0)
    """Decoding threads; 0: one for each core."""
