"""What a recipe may say about augmentation; the defaults are the reference recipe's.

Everything that the reference lacks has probability 0 until a recipe asks for it.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from oscine.config import Config, Place, Probability
from oscine.core import Location


class RangeConfig(Config):
    """Settings whose pairs `x_min` and `x_max` must be in order."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in type(self).model_fields:
            other = name.replace("_min", "_max").replace("min_", "max_")
            if other != name and getattr(self, name) > getattr(self, other):
                raise ValueError(f"{name} is above {other}")
        return self


class NoiseConfig(RangeConfig):
    """Gaussian noise added to the waveform."""

    probability: Probability = 0.35
    """Chance for each clip."""
    sigma_min: float = Field(0.0025, ge=0.0)
    """Least standard deviation, full scale is 1."""
    sigma_max: float = Field(0.025, ge=0.0)
    """Greatest standard deviation, full scale is 1."""


class ColoredNoiseConfig(RangeConfig):
    """Noise whose power falls or rises with frequency, at a given distance below the clip."""

    probability: Probability = 0.0
    """Chance for each clip."""
    slopes: tuple[float, ...] = Field((1.0, 2.0), min_length=1, max_length=5)
    """Power goes with 1 / frequency**slope: 1 pink, 2 brown, -1 blue, -2 violet; one is drawn."""
    snr_min_db: float = 3.0
    """Least level of the clip over the noise, dB."""
    snr_max_db: float = 30.0
    """Greatest level of the clip over the noise, dB."""


class BackgroundConfig(RangeConfig):
    """Other recordings - soundscapes without a call, rain, traffic - mixed in at a given level."""

    probability: Probability = 0.0
    """Chance for each clip."""
    folder: Place | None = None
    """Folder of recordings, searched with its subfolders."""
    label: str | None = None
    """Training recordings of this label, such as nocall, serve as background too."""
    minutes: float = Field(30.0, gt=0.0)
    """Audio kept in memory, drawn evenly from the recordings (3.8 MB a minute at 32 kHz)."""
    snr_min_db: float = 3.0
    """Least level of the clip over the background, dB."""
    snr_max_db: float = 30.0
    """Greatest level of the clip over the background, dB."""

    @model_validator(mode="after")
    def _stated(self) -> Self:
        if self.probability and self.folder is None and self.label is None:
            raise ValueError("background needs a folder or a label")
        return self


class GainConfig(RangeConfig):
    """A change of level."""

    probability: Probability = 0.0
    """Chance for each clip."""
    min_db: float = -12.0
    """Least gain, dB."""
    max_db: float = 12.0
    """Greatest gain, dB."""


class TimeShiftConfig(Config):
    """A shift of the waveform within its window."""

    probability: Probability = 0.0
    """Chance for each clip."""
    max_fraction: Probability = 0.5
    """Greatest shift either way, as a fraction of the window."""
    fill: Literal["wrap", "pad"] = "wrap"
    """What comes in at the edge: what went out at the other one, or silence."""


class PolarityConfig(Config):
    """The waveform turned upside down."""

    probability: Probability = 0.0
    """Chance for each clip."""


class FilterConfig(RangeConfig):
    """A low-pass or high-pass filter: distance, dense leaves, a microphone with a foam cover."""

    probability: Probability = 0.0
    """Chance for each clip; which of the two is a second coin."""
    low_pass_min_hz: float = Field(3_000.0, gt=0.0)
    """Least cut-off of the low-pass, Hz."""
    low_pass_max_hz: float = Field(12_000.0, gt=0.0)
    """Greatest cut-off of the low-pass, Hz."""
    high_pass_min_hz: float = Field(100.0, gt=0.0)
    """Least cut-off of the high-pass, Hz."""
    high_pass_max_hz: float = Field(1_500.0, gt=0.0)
    """Greatest cut-off of the high-pass, Hz."""
    order: int = Field(2, ge=1, le=8)
    """Order of the Butterworth filter: 6 dB an octave each."""


class ReverbConfig(RangeConfig):
    """Echoes of a forest or a valley: convolution with a room impulse response."""

    probability: Probability = 0.0
    """Chance for each clip."""
    folder: Place | None = None
    """Folder of recorded impulse responses; null: exponentially decaying noise is made."""
    decay_min_s: float = Field(0.1, gt=0.0)
    """Least time in which the made response falls by 60 dB, s."""
    decay_max_s: float = Field(1.0, gt=0.0)
    """Greatest time, s."""
    direct_min_db: float = 0.0
    """Least level of the direct sound over the echoes, dB."""
    direct_max_db: float = 15.0
    """Greatest level of the direct sound over the echoes, dB."""


class SpeedConfig(RangeConfig):
    """A change of speed by resampling: pitch and tempo together, as a tape does."""

    probability: Probability = 0.0
    """Chance for each clip."""
    min_factor: float = Field(0.9, gt=0.25)
    """Least speed; below 1 is slower and deeper."""
    max_factor: float = Field(1.1, lt=4.0)
    """Greatest speed."""


class MixConfig(Config):
    """Mixing a clip with another one."""

    probability: Probability = 0.65
    """Chance for each clip."""
    alpha: float = Field(0.5, gt=0.0)
    """Both parameters of the Beta distribution of the weight."""
    labels: Literal["weight", "union"] = "weight"
    """Targets are mixed by the weight (lambda, or the area), or their maximum is taken."""
    on: Literal["waveform", "image"] = "waveform"
    """Before or after the front end; CutMix cuts along time alone in both."""
    with_no_call: bool = False
    """Whether clips without any target are mixed with others too."""


class CutMixConfig(MixConfig):
    """Mixing by time; a class of its own, so that a recipe that sets the chance keeps alpha."""

    alpha: float = Field(2.5, gt=0.0)
    """Both parameters of the Beta distribution of the weight."""


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


class TimeMaskConfig(MaskConfig):
    """Masks over frames; a class of its own, so that a recipe that sets the chance keeps them."""

    count: int = Field(2, ge=0)
    """Masks for each clip."""
    max_width: int = Field(25, ge=0)
    """A mask's width is drawn from [0, max_width) frames."""


class BandShiftConfig(Config):
    """A shift of the image along frequency: another individual, another pitch."""

    probability: Probability = 0.0
    """Chance for each clip."""
    max_bands: int = Field(4, ge=0)
    """Greatest shift either way, mel bands; the clip's floor comes in at the edge."""


class AugmentConfig(Config):
    """All augmentations of one training stage.

    Their order: speed, time shift, filter, reverb, gain, polarity; mixup, cutmix; background,
    colored noise, noise; then, on the image, band shift, mixup, cutmix, and the masks.
    """

    enabled: bool = True
    """False: none at all."""
    waveform_probability: Probability = 0.5
    """Chance for each clip that any of those before the front end is considered."""
    mix_group: int = Field(4, ge=2)
    """Clips that follow each other in the epoch and are mixed among themselves; it divides the
    batch size, so that a clip meets the same partner in batches of any size."""
    speed: SpeedConfig = SpeedConfig()
    time_shift: TimeShiftConfig = TimeShiftConfig()
    filter: FilterConfig = FilterConfig()
    reverb: ReverbConfig = ReverbConfig()
    gain: GainConfig = GainConfig()
    polarity: PolarityConfig = PolarityConfig()
    mixup: MixConfig = MixConfig()
    cutmix: CutMixConfig = CutMixConfig()
    background: BackgroundConfig = BackgroundConfig()
    colored_noise: ColoredNoiseConfig = ColoredNoiseConfig()
    noise: NoiseConfig = NoiseConfig()
    band_shift: BandShiftConfig = BandShiftConfig()
    frequency_masks: MaskConfig = MaskConfig()
    time_masks: TimeMaskConfig = TimeMaskConfig()

    @property
    def folders(self) -> tuple[Location, ...]:
        """Folders whose recordings are mixed in."""
        parts = [
            (self.background.probability, self.background.folder),
            (self.reverb.probability, self.reverb.folder),
        ]
        return tuple(folder for chance, folder in parts if self.enabled and chance and folder)

    @property
    def mixes(self) -> bool:
        """Whether clips are mixed with each other."""
        return self.enabled and (self.mixup.probability > 0 or self.cutmix.probability > 0)
