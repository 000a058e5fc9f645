"""The log-mel front end for training: the torch twin of `mel_numpy`, run where the model runs.

Every clip is computed on its own, so its features are the same alone and in any batch.

Source: power spectrogram, mel filter bank and dB floor as in librosa.feature.melspectrogram and
librosa.power_to_db (McFee et al. 2015); the reference recipe's floor and normalisation were taken
over the whole batch, ours never are.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from oscine.features.mel_numpy import POWER_FLOOR, analysis_window, mel_filterbank
from oscine.features.scaling import FLAT_DB
from oscine.features.spec import MelSpec

BLOCK_FRAMES = 64
"""Frames worked on at once on a CPU: 64 x 2048 float32 values stay within a core's cache."""


class LogMel(nn.Module):
    """Waveforms to scaled log-mel images.

    Args:
        spec: The front end's parameters.

    Example:
        >>> from oscine.features import FeatureConfig, resolve
        >>> spec = resolve(FeatureConfig(n_frames=32, n_mels=16, n_fft=512), 32_000, 1.0)
        >>> LogMel(spec)(torch.zeros(2, 32_000)).shape
        torch.Size([2, 1, 16, 32])
    """

    window: Tensor
    filters: Tensor

    def __init__(self, spec: MelSpec) -> None:
        super().__init__()
        self.spec = spec
        filters = torch.from_numpy(mel_filterbank(spec)).T.contiguous()
        used = filters.any(dim=1).nonzero()[:, 0]
        self._bins = slice(int(used.min()), int(used.max()) + 1)
        self.register_buffer("window", torch.from_numpy(analysis_window(spec)), persistent=False)
        self.register_buffer("filters", filters[self._bins].contiguous(), persistent=False)

    @torch.no_grad()
    def forward(
        self, waveforms: Float[Tensor, "batch time"]
    ) -> Float[Tensor, "batch channels mels frames"]:
        """Compute the images.

        Args:
            waveforms: Mono, full scale 1, `spec.n_samples` long.

        Returns:
            Images of exactly `spec.n_mels` x `spec.n_frames`.
        """
        spec = self.spec
        pad = spec.n_fft // 2
        padded = nn.functional.pad(waveforms[:, None], (pad, pad), mode="reflect")[:, 0]
        frames = padded.unfold(-1, spec.n_fft, spec.hop_length)[:, : spec.n_frames]
        if waveforms.device.type == "cpu":
            mel = torch.stack([self._mel_in_blocks(clip) for clip in frames])
        else:
            mel = self._mel(frames)
        images = scale(self._decibels(mel).mT, spec)
        return images[:, None].expand(-1, spec.channels, -1, -1)

    def _mel_in_blocks(self, frames: Tensor) -> Tensor:
        return torch.cat([self._mel(block) for block in torch.split(frames, BLOCK_FRAMES)])

    def _mel(self, frames: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(frames * self.window)[..., self._bins]
        power = torch.view_as_real(spectrum).square_().sum(-1)
        if self.spec.power != 2.0:
            power = power.pow_(self.spec.power / 2)
        return power @ self.filters

    def _decibels(self, mel: Tensor) -> Tensor:
        least = POWER_FLOOR ** (self.spec.power / 2.0)
        level = mel.clamp_(min=least).log10_().mul_(20.0 / self.spec.power)
        if self.spec.top_db is None:
            return level
        peak = level.amax(dim=(-2, -1), keepdim=True)
        return level.maximum(peak - self.spec.top_db)


def scale(
    level: Float[Tensor, "batch mels frames"], spec: MelSpec
) -> Float[Tensor, "batch mels frames"]:
    """Scale dB images, each by itself; the torch twin of `scaling.scale`.

    Args:
        level: Images, dB.
        spec: The front end's parameters, of which the scaling is used.

    Returns:
        Scaled images; silence becomes zeros.
    """
    if spec.scaling == "minmax":
        low = level.amin(dim=(-2, -1), keepdim=True)
        spread = level.amax(dim=(-2, -1), keepdim=True) - low
        return torch.where(spread < FLAT_DB, 0.0, (level - low) / spread.clamp(min=FLAT_DB))
    if spec.scaling == "zscore":
        mean = level.mean(dim=(-2, -1), keepdim=True)
        spread = level.std(dim=(-2, -1), keepdim=True, correction=0)
        return torch.where(spread < FLAT_DB, 0.0, (level - mean) / spread.clamp(min=FLAT_DB))
    if spec.scaling == "fixed":
        return (level - spec.fixed_mean) / spec.fixed_std
    return level
