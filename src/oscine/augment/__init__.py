"""Augmentation on the device: batched, a coin for each clip, a function of (seed, epoch, position).

The settings are free of torch; `Augmenter` lives in `oscine.augment.augmenter`.
"""

from oscine.augment.config import (
    AugmentConfig,
    BackgroundConfig,
    BandShiftConfig,
    ColoredNoiseConfig,
    CutMixConfig,
    FilterConfig,
    GainConfig,
    MaskConfig,
    MixConfig,
    NoiseConfig,
    PolarityConfig,
    ReverbConfig,
    SpeedConfig,
    TimeMaskConfig,
    TimeShiftConfig,
)
from oscine.augment.sounds import list_sounds

__all__ = [
    "AugmentConfig",
    "BackgroundConfig",
    "BandShiftConfig",
    "ColoredNoiseConfig",
    "CutMixConfig",
    "FilterConfig",
    "GainConfig",
    "MaskConfig",
    "MixConfig",
    "NoiseConfig",
    "PolarityConfig",
    "ReverbConfig",
    "SpeedConfig",
    "TimeMaskConfig",
    "TimeShiftConfig",
    "list_sounds",
]
