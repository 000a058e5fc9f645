"""Mixup and CutMix: a partner from the clip's group, a weight for each clip, exact areas.

Source: Zhang et al. (2018), "mixup"; Yun et al. (2019), "CutMix"; the cut along time alone and the
union of labels from later winners of BirdCLEF. The reference recipe gave the pasted area's weight
to the wrong label and drew one weight for the batch; here the clip keeps exactly the share of its
targets that it keeps of itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from oscine.augment.config import MixConfig
from oscine.augment.draws import Draws
from oscine.augment.waveform import Rows

Clips = Float[Tensor, "batch ... time"]
"""Waveforms or images; time is the last axis."""

Targets = Float[Tensor, "batch classes"]
"""Class weights in [0, 1]."""


def partners(draws: Draws, stream: str, group: int) -> NDArray[np.int64]:
    """Draw each clip's partner; mixup and CutMix have one each."""
    return draws.partners(f"{stream}-partner", group)


def mixable(rows: Rows, partner: NDArray[np.int64], has_call: Tensor, config: MixConfig) -> Rows:
    """Leave out the rows that must not be mixed.

    Args:
        rows: Rows that were drawn.
        partner: Each row's partner.
        has_call: Whether each clip has any target, [batch].
        config: Whether clips without a target may be mixed.

    Returns:
        Rows that have a partner other than themselves, and, unless asked for, no silent one.
    """
    calls = has_call.tolist()
    return [
        row
        for row in rows
        if partner[row] != row and (config.with_no_call or (calls[row] and calls[partner[row]]))
    ]


def mixup(
    clips: Clips,
    targets: Targets,
    rows: Rows,
    partner: NDArray[np.int64],
    config: MixConfig,
    draws: Draws,
) -> None:
    """Add partners, weighted, in place: `weight * clip + (1 - weight) * partner`.

    Args:
        clips: Waveforms or images.
        targets: Mixed in the same way, or to the union.
        rows: Rows that are changed.
        partner: Each row's partner.
        config: Alpha, and how the labels are mixed.
        draws: The batch's draws.
    """
    weight = draws.beta("mixup-weight", config.alpha)
    others = _aside(clips, rows, partner)
    given = targets.clone()
    for place, row in enumerate(rows):
        clips[row].lerp_(others[place], 1.0 - float(weight[row]))
        targets[row] = _mix(given[row], given[partner[row]], float(weight[row]), config)


def cutmix(
    clips: Clips,
    targets: Targets,
    rows: Rows,
    partner: NDArray[np.int64],
    config: MixConfig,
    draws: Draws,
) -> None:
    """Paste a stretch of time of partners over the same stretch, in place.

    Args:
        clips: Waveforms or images.
        targets: Weighted by the time that each side really fills, or brought to the union.
        rows: Rows that are changed.
        partner: Each row's partner.
        config: Alpha, and how the labels are mixed.
        draws: The batch's draws.
    """
    n = clips.shape[-1]
    width = np.round((1.0 - draws.beta("cutmix-weight", config.alpha)) * n).astype(int)
    start = (draws.values("cutmix-start")[:, 0] * (n - width + 1)).astype(int)
    stretches = {row: slice(start[row], start[row] + width[row]) for row in rows}
    others = [clips[partner[row], ..., stretches[row]].clone() for row in rows]
    given = targets.clone()
    for row, other in zip(rows, others, strict=True):
        clips[row, ..., stretches[row]] = other
        targets[row] = _mix(given[row], given[partner[row]], 1.0 - width[row] / n, config)


MIXES: dict[str, Callable[..., None]] = {"mixup": mixup, "cutmix": cutmix}
"""Both, in their order, by their names in a recipe."""


def _aside(clips: Tensor, rows: Rows, partner: NDArray[np.int64]) -> Tensor:
    """Copy the partners before any of them is changed."""
    places = torch.as_tensor(partner[list(rows)], device=clips.device)
    return clips[places]


def _mix(own: Tensor, other: Tensor, weight: float, config: MixConfig) -> Tensor:
    """Mix targets by the weight that the clip keeps, or take the union; never above 1."""
    if config.labels == "union":
        return torch.maximum(own, other) if weight < 1.0 else own
    return weight * own + (1.0 - weight) * other
