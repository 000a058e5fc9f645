"""What a recipe may say about augmentation; the defaults are the reference recipe's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from oscine.config import Config, Probability


class NoiseConfig(Config):
    """Gaussian noise added to the waveform."""

    probability: Probability = 0.35
    """Chance for each clip."""
    sigma_min: float = Field(0.0025, ge=0.0)
    """Least standard deviation, full scale is 1."""
    sigma_max: float = Field(0.025, ge=0.0)
    """Greatest standard deviation, full scale is 1."""

    @model_validator(mode="after")
    def _ordered(self) -> NoiseConfig:
        if self.sigma_min > self.sigma_max:
            raise ValueError("sigma_min is above sigma_max")
        return self


class GainConfig(Config):
    """A change of level."""

    probability: Probability = 0.0
    """Chance for each clip."""
    min_db: float = -12.0
    """Least gain, dB."""
    max_db: float = 12.0
    """Greatest gain, dB."""


class TimeShiftConfig(Config):
    """A circular shift of the waveform within its window."""

    probability: Probability = 0.0
    """Chance for each clip."""
    max_fraction: Probability = 0.5
    """Greatest shift either way, as a fraction of the window."""


class MixConfig(Config):
    """Mixing a clip with another one of the batch."""

    probability: Probability = 0.65
    """Chance for each clip."""
    alpha: float = Field(0.5, gt=0.0)
    """Both parameters of the Beta distribution of the weight."""
    labels: Literal["weight", "union"] = "weight"
    """Targets are mixed by the weight (lambda, or the area), or their maximum is taken."""


class MaskConfig(Config):
    """Masks over the spectrogram (SpecAugment)."""

    probability: Probability = 0.5
    """Chance for each clip."""
    count: int = Field(1, ge=0)
    """Masks for each clip."""
    max_width: int = Field(10, ge=0)
    """A mask's width is drawn from [0, max_width): mel bands or frames."""
    fill: Literal["floor", "mean"] = "floor"
    """Value inside the mask: the clip's least value, or its mean."""


class AugmentConfig(Config):
    """All augmentations of one training stage.

    Their order: gain, time shift, mixup, cutmix, noise; then the masks over frequency and time.
    """

    enabled: bool = True
    """False: none at all."""
    waveform_probability: Probability = 0.5
    """Chance for each clip that any of noise, gain, time_shift, mixup, cutmix is considered."""
    noise: NoiseConfig = NoiseConfig()
    gain: GainConfig = GainConfig()
    time_shift: TimeShiftConfig = TimeShiftConfig()
    mixup: MixConfig = MixConfig()
    cutmix: MixConfig = MixConfig(alpha=2.5)
    frequency_masks: MaskConfig = MaskConfig()
    time_masks: MaskConfig = MaskConfig(count=2, max_width=25)
