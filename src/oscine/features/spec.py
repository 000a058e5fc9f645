"""The front end's parameters: what a recipe may set, and the exact spectrogram that follows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from oscine.config import Config
from oscine.core import FeatureError, hop_for_frames, seconds_to_samples


class FeatureConfig(Config):
    """Settings of the log-mel front end; the window comes from the audio settings."""

    n_fft: int = Field(2048, ge=16)
    """Length of the Fourier transform, samples."""
    win_length: int | None = Field(None, ge=16)
    """Length of the analysis window, samples; null: n_fft."""
    window: Literal["hann", "hamming", "blackman", "boxcar"] = "hann"
    """Analysis window (periodic)."""
    n_frames: int | None = Field(384, ge=2)
    """Frames of the image; the hop follows. Give this or hop_length, and null for the other."""
    hop_length: int | None = Field(None, ge=1)
    """Samples from frame to frame; null: from n_frames."""
    padding: Literal["reflect", "zeros", "none"] = "reflect"
    """What the first and last frame, centred on the clip's ends, see beyond them; none: all frames
    lie within the clip."""
    n_mels: int = Field(128, ge=1)
    """Mel bands of the image."""
    f_min_hz: float = Field(20.0, ge=0.0)
    """Lower edge of the lowest band, Hz."""
    f_max_hz: float = Field(16_000.0, gt=0.0)
    """Upper edge of the highest band, Hz; at most half the sample rate."""
    mel_scale: Literal["slaney", "htk"] = "slaney"
    """Which mel scale."""
    mel_norm: Literal["slaney", "none"] = "slaney"
    """Whether bands have equal area (slaney) or equal height (none)."""
    power: float = Field(2.0, gt=0.0)
    """Exponent of the magnitude: 1 amplitude, 2 power."""
    top_db: float | None = Field(80.0, gt=0.0)
    """Floor below the clip's own peak, dB; null: none."""
    reference: Literal["full_scale", "peak"] = "full_scale"
    """What is 0 dB: full scale, or the clip's own peak."""
    scaling: Literal["minmax", "zscore", "band", "fixed", "pcen", "learned_pcen", "none"] = "minmax"
    """Per clip to [0, 1]; per clip to mean 0, spread 1; the same for each band of a clip; by
    fixed_mean and fixed_std; per-channel energy normalisation in place of dB; the same, learned
    with the model; or dB."""
    fixed_mean: float = -40.0
    """Mean for `scaling: fixed`, dB."""
    fixed_std: float = Field(20.0, gt=0.0)
    """Spread for `scaling: fixed`, dB."""
    pcen_time_s: float = Field(0.06, gt=0.0)
    """PCEN: time constant of a band's average, s."""
    pcen_gain: float = Field(0.8, ge=0.0, le=1.0)
    """PCEN: how much of the average is taken out, as an exponent; if learned: at the start."""
    pcen_bias: float = Field(10.0, ge=0.0)
    """PCEN: added before the compression; if learned: at the start."""
    pcen_power: float = Field(0.25, gt=0.0, le=1.0)
    """PCEN: exponent of the compression; if learned: at the start."""
    channels: Literal[1, 3] = 1
    """Channels of the image; 3 for backbones that insist on colour."""
    deltas: bool = False
    """Whether channels 2 and 3 are the first and second derivative in time; false: copies."""
    image_size: tuple[int, int] | None = None
    """Height and width that the image is resized to, pixels; null: n_mels x n_frames."""

    @model_validator(mode="after")
    def _sensible(self) -> FeatureConfig:
        if self.deltas and self.channels != 3:
            raise ValueError("deltas need channels: 3")
        if self.scaling == "learned_pcen" and (self.deltas or self.image_size is not None):
            raise ValueError(
                "scaling: learned_pcen happens in the model, where there are no deltas and no "
                "image_size; choose pcen for them"
            )
        if self.image_size is not None and min(self.image_size) < 1:
            raise ValueError("image_size: height and width must be at least 1")
        return self


@dataclass(frozen=True)
class MelSpec:
    """The exact front end: a waveform of `n_samples` becomes an image of `image_shape`.

    All lengths are in samples at `sample_rate`. Made by `resolve`; stored in every bundle: what
    came later than the first bundles has a default.
    """

    sample_rate: int
    n_samples: int
    n_fft: int
    win_length: int
    window: str
    hop_length: int
    n_frames: int
    n_mels: int
    f_min_hz: float
    f_max_hz: float
    mel_scale: str
    mel_norm: str
    power: float
    top_db: float | None
    scaling: str
    fixed_mean: float
    fixed_std: float
    channels: int
    padding: str = "reflect"
    reference: str = "full_scale"
    pcen_time_s: float = 0.06
    pcen_gain: float = 0.8
    pcen_bias: float = 10.0
    pcen_power: float = 0.25
    deltas: bool = False
    image_size: tuple[int, int] | None = None

    @property
    def n_reached(self) -> int:
        """How many samples the frames reach over, without padding."""
        return (self.n_frames - 1) * self.hop_length + self.n_fft

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the image."""
        return self.channels, *(self.image_size or (self.n_mels, self.n_frames))

    @property
    def window_s(self) -> float:
        """Length of the window, s."""
        return self.n_samples / self.sample_rate

    def to_plain(self) -> dict[str, Any]:
        """Give the parameters as JSON-ready data."""
        return asdict(self)


def resolve(config: FeatureConfig, sample_rate: int, window_s: float) -> MelSpec:
    """Work out the exact front end for a window.

    Args:
        config: The recipe's settings.
        sample_rate: Hz.
        window_s: Length of the window, s.

    Returns:
        The front end's parameters.

    Raises:
        FeatureError: The parameters make no spectrogram; the reason is given.

    Example:
        >>> resolve(FeatureConfig(), 32_000, 10.0).hop_length
        835
    """
    n_samples = seconds_to_samples(window_s, sample_rate)
    if (config.n_frames is None) == (config.hop_length is None):
        raise FeatureError(
            "give exactly one of n_frames and hop_length",
            where="features",
            fix="set the other to null",
        )
    # Where the frames lie within the clip, the last one starts n_fft before its end.
    reach = n_samples if config.padding != "none" else n_samples - config.n_fft
    if config.hop_length is not None:
        hop = config.hop_length
        n_frames = 1 + reach // hop
    else:
        n_frames = int(config.n_frames or 0)
        hop = hop_for_frames(reach, n_frames)
    spec = MelSpec(
        sample_rate=sample_rate,
        n_samples=n_samples,
        win_length=config.win_length or config.n_fft,
        hop_length=hop,
        n_frames=n_frames,
        **{
            name: getattr(config, name)
            for name in MelSpec.__dataclass_fields__
            if name not in {"sample_rate", "n_samples", "win_length", "hop_length", "n_frames"}
        },
    )
    _refuse_impossible(spec)
    return spec


def _refuse_impossible(spec: MelSpec) -> None:
    nyquist = spec.sample_rate / 2
    problems = {
        f"f_max_hz {spec.f_max_hz:g} is above half the sample rate, {nyquist:g} Hz": (
            spec.f_max_hz > nyquist
        ),
        f"f_min_hz {spec.f_min_hz:g} is not below f_max_hz {spec.f_max_hz:g}": (
            spec.f_min_hz >= spec.f_max_hz
        ),
        f"win_length {spec.win_length} is longer than n_fft {spec.n_fft}": (
            spec.win_length > spec.n_fft
        ),
        f"hop_length {spec.hop_length} is longer than the window of {spec.n_samples} samples": (
            spec.hop_length > spec.n_samples
        ),
        f"n_fft {spec.n_fft} is more than twice the window of {spec.n_samples} samples": (
            spec.n_fft // 2 >= spec.n_samples
        ),
        f"{spec.n_frames} frames do not fit a window of {spec.n_samples} samples": (
            (spec.n_frames - 1) * spec.hop_length > spec.n_samples
            or (spec.padding == "none" and spec.n_reached > spec.n_samples)
        ),
    }
    for problem, holds in problems.items():
        if holds:
            raise FeatureError(problem, where="features")
