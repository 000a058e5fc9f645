"""Mixup and CutMix on waveforms: a partner by permutation, a weight for each clip, exact areas.

Source: Zhang et al. (2018), "mixup"; Yun et al. (2019), "CutMix". The reference recipe gave the
pasted area's weight to the wrong label and drew one weight for the batch; here the clip keeps
exactly the share of its targets that it keeps of its waveform.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from oscine.augment.config import MixConfig
from oscine.augment.draws import Draws

Mixed = tuple[Float[Tensor, "batch time"], Float[Tensor, "batch classes"]]
"""Waveforms and their targets."""


def mixup(
    waveforms: Float[Tensor, "batch time"],
    targets: Float[Tensor, "batch classes"],
    chosen: Bool[Tensor, " batch"],
    config: MixConfig,
    draws: Draws,
) -> Mixed:
    """Add a partner's waveform, weighted.

    Args:
        waveforms: Full scale is 1.
        targets: Class weights in [0, 1].
        chosen: Clips that may be changed.
        config: Chance, alpha and how the labels are mixed.
        draws: The batch's draws.

    Returns:
        `weight * clip + (1 - weight) * partner`, with targets mixed in the same way.
    """
    chosen = chosen & draws.coins("mixup", config.probability)
    weight = torch.where(chosen, draws.beta("mixup-weight", config.alpha), 1.0)[:, None]
    partner = draws.partners("mixup-partner")
    mixed = weight * waveforms + (1.0 - weight) * waveforms[partner]
    return mixed, mix_targets(targets, targets[partner], weight, config)


def cutmix(
    waveforms: Float[Tensor, "batch time"],
    targets: Float[Tensor, "batch classes"],
    chosen: Bool[Tensor, " batch"],
    config: MixConfig,
    draws: Draws,
) -> Mixed:
    """Paste a stretch of a partner's waveform over the same stretch of the clip.

    Args:
        waveforms: Full scale is 1.
        targets: Class weights in [0, 1].
        chosen: Clips that may be changed.
        config: Chance, alpha and how the labels are mixed.
        draws: The batch's draws.

    Returns:
        The waveforms, and targets weighted by the time that each side really fills.
    """
    n_samples = waveforms.shape[1]
    chosen = chosen & draws.coins("cutmix", config.probability)
    kept = torch.where(chosen, draws.beta("cutmix-weight", config.alpha), 1.0)
    width = ((1.0 - kept) * n_samples).round().long()
    start = (draws.uniform("cutmix-start")[:, 0] * (n_samples - width + 1)).long()
    time = torch.arange(n_samples, device=waveforms.device)
    pasted = (time >= start[:, None]) & (time < (start + width)[:, None])
    partner = draws.partners("cutmix-partner")
    weight = 1.0 - width[:, None] / n_samples
    mixed = torch.where(pasted, waveforms[partner], waveforms)
    return mixed, mix_targets(targets, targets[partner], weight, config)


def mix_targets(
    own: Float[Tensor, "batch classes"],
    partner: Float[Tensor, "batch classes"],
    weight: Float[Tensor, "batch 1"],
    config: MixConfig,
) -> Float[Tensor, "batch classes"]:
    """Mix targets by the weight that the clip keeps, or take the union.

    Args:
        own: The clips' targets.
        partner: Their partners' targets.
        weight: What each clip keeps, in [0, 1]; 1 leaves its targets alone.
        config: Says which way.

    Returns:
        Mixed targets, never above 1 where the given ones are not.
    """
    if config.labels == "union":
        return torch.where(weight < 1.0, torch.maximum(own, partner), own)
    return weight * own + (1.0 - weight) * partner
