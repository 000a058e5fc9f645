"""Augmentations of waveforms, batched on the device, one coin and one draw for each clip."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from oscine.augment.config import GainConfig, NoiseConfig, TimeShiftConfig
from oscine.augment.draws import Draws


def add_noise(
    waveforms: Float[Tensor, "batch time"],
    chosen: Bool[Tensor, " batch"],
    config: NoiseConfig,
    draws: Draws,
) -> Float[Tensor, "batch time"]:
    """Add Gaussian noise of a drawn level.

    Args:
        waveforms: Full scale is 1.
        chosen: Clips that may be changed.
        config: Chance and levels.
        draws: The batch's draws.

    Returns:
        New waveforms; those not drawn are unchanged.
    """
    chosen = chosen & draws.coins("noise", config.probability)
    sigma = config.sigma_min + draws.uniform("noise-sigma")[:, 0] * (
        config.sigma_max - config.sigma_min
    )
    result = waveforms.clone()
    for row in chosen.nonzero()[:, 0].tolist():
        result[row] += sigma[row] * draws.normal("noise-wave", row, waveforms.shape[1])
    return result


def change_gain(
    waveforms: Float[Tensor, "batch time"],
    chosen: Bool[Tensor, " batch"],
    config: GainConfig,
    draws: Draws,
) -> Float[Tensor, "batch time"]:
    """Multiply by a drawn gain.

    Args:
        waveforms: Full scale is 1.
        chosen: Clips that may be changed.
        config: Chance and gains, dB.
        draws: The batch's draws.

    Returns:
        New waveforms; those not drawn are unchanged.
    """
    chosen = chosen & draws.coins("gain", config.probability)
    gain_db = config.min_db + draws.uniform("gain-db")[:, 0] * (config.max_db - config.min_db)
    factor = torch.where(chosen, 10.0 ** (gain_db / 20.0), 1.0)
    return waveforms * factor[:, None]


def shift_time(
    waveforms: Float[Tensor, "batch time"],
    chosen: Bool[Tensor, " batch"],
    config: TimeShiftConfig,
    draws: Draws,
) -> Float[Tensor, "batch time"]:
    """Shift circularly by a drawn fraction of the window.

    Args:
        waveforms: Full scale is 1.
        chosen: Clips that may be changed.
        config: Chance and greatest shift.
        draws: The batch's draws.

    Returns:
        New waveforms; those not drawn are unchanged.
    """
    chosen = chosen & draws.coins("time-shift", config.probability)
    fraction = (2.0 * draws.uniform("time-shift-by")[:, 0] - 1.0) * config.max_fraction
    result = waveforms.clone()
    for row in chosen.nonzero()[:, 0].tolist():
        result[row] = waveforms[row].roll(round(float(fraction[row]) * waveforms.shape[1]))
    return result
