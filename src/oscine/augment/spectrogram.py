"""Augmentations of images: shifts along frequency, and masks over mel bands and over frames.

Source: Park et al. (2019), "SpecAugment", with torchaudio's meaning of the parameters (width
uniform in [0, max_width), start uniform over what is left). A mask is the same in all channels.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from oscine.augment.config import BandShiftConfig, MaskConfig
from oscine.augment.draws import Draws
from oscine.augment.waveform import Rows

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
    chosen = draws.tensor(draws.coins(f"{axis}-mask", config.probability))
    numbers = draws.tensor(draws.values(f"{axis}-mask-place", 2 * config.count))
    width = (numbers[:, : config.count] * min(config.max_width, length)).long()
    start = (numbers[:, config.count :] * (length - width + 1)).long()
    place = torch.arange(length, device=images.device)
    inside = (place >= start[..., None]) & (place < (start + width)[..., None])
    covered = inside.any(dim=1) & chosen[:, None]
    shape = [len(images), 1, 1, 1]
    shape[AXES[axis]] = length
    return torch.where(covered.view(shape), _fill(images, config), images)


def shift_bands(
    images: Float[Tensor, "batch channels mels frames"],
    rows: Rows,
    config: BandShiftConfig,
    draws: Draws,
) -> None:
    """Shift images along frequency by a drawn number of bands, in place.

    Args:
        images: Spectrograms; the floor of each channel comes in at the edge.
        rows: Rows that are changed.
        config: The greatest shift.
        draws: The batch's draws.
    """
    shifts = (draws.values("band-shift")[:, 0] * (2 * config.max_bands + 1)).astype(int)
    for row, by in zip(rows, (shifts - config.max_bands)[list(rows)].tolist(), strict=True):
        if by:
            floor = images[row].amin(dim=(1, 2))[:, None, None]
            images[row] = images[row].roll(by, dims=1)
            images[row, :, slice(by) if by > 0 else slice(by, None)] = floor


def _fill(images: Tensor, config: MaskConfig) -> Tensor:
    if config.fill == "mean":
        return images.mean(dim=(1, 2, 3), keepdim=True)
    return images.amin(dim=(1, 2, 3), keepdim=True)
