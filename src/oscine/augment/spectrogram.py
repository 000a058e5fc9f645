"""Masks over spectrograms: frequency masks over mel bands, time masks over frames.

Source: Park et al. (2019), "SpecAugment", with torchaudio's meaning of the parameters (width
uniform in [0, max_width), start uniform over what is left). A mask is the same in all channels.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from oscine.augment.config import MaskConfig
from oscine.augment.draws import Draws

AXES: dict[str, int] = {"frequency": 2, "time": 3}
"""Which axis of [batch, channels, mels, frames] a mask cuts across."""


def mask(
    images: Float[Tensor, "batch channels mels frames"],
    axis: Literal["frequency", "time"],
    config: MaskConfig,
    draws: Draws,
) -> Float[Tensor, "batch channels mels frames"]:
    """Cover stripes of the images.

    Args:
        images: Spectrograms.
        axis: `frequency` covers mel bands, `time` covers frames.
        config: Chance, count, greatest width and fill.
        draws: The batch's draws.

    Returns:
        New images; those not drawn are unchanged.
    """
    if config.count == 0 or config.probability == 0.0:
        return images
    length = images.shape[AXES[axis]]
    chosen = draws.coins(f"{axis}-mask", config.probability)
    numbers = draws.uniform(f"{axis}-mask-place", 2 * config.count)
    width = (numbers[:, : config.count] * min(config.max_width, length)).long()
    start = (numbers[:, config.count :] * (length - width + 1)).long()
    place = torch.arange(length, device=images.device)
    inside = (place >= start[..., None]) & (place < (start + width)[..., None])
    covered = inside.any(dim=1) & chosen[:, None]
    shape = [len(images), 1, 1, 1]
    shape[AXES[axis]] = length
    return torch.where(covered.view(shape), _fill(images, config), images)


def _fill(images: Tensor, config: MaskConfig) -> Tensor:
    if config.fill == "mean":
        return images.mean(dim=(1, 2, 3), keepdim=True)
    return images.amin(dim=(1, 2, 3), keepdim=True)
