"""Losses on logits, with soft targets, label smoothing and classes that may be left out."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from oscine.model.config import LossConfig


def loss(
    logits: Float[Tensor, "batch classes"],
    targets: Float[Tensor, "batch classes"],
    masked: Float[Tensor, "batch classes"],
    config: LossConfig,
    class_weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, " batch"]:
    """Compute the loss of each clip.

    Args:
        logits: The model's output.
        targets: Class weights in [0, 1].
        masked: How much of each class is left out of the loss, in [0, 1].
        config: Which loss.
        class_weights: How much the presence of each class counts; of a mix, each class's share of
            the target does. None: alike.

    Returns:
        One number for each clip; a clip without targets (one that could not be read) has 0 in
        CCE.

    Source: Lin et al. (2017), "Focal loss for dense object detection", which recommends an
    exponent of 2; smoothing as in Szegedy et al. (2016).
    """
    if config.kind == "CCE":
        return _categorical(logits, targets, masked, config.label_smoothing, class_weights)
    smooth = targets * (1.0 - config.label_smoothing) + 0.5 * config.label_smoothing
    each = binary_cross_entropy_with_logits(
        logits, smooth, pos_weight=class_weights, reduction="none"
    )
    if config.kind == "focal":
        scores = torch.sigmoid(logits)
        miss = (scores - smooth).abs()
        each = each * miss**config.focal_gamma
    return (each * (1.0 - masked)).mean(dim=1)


def _categorical(
    logits: Tensor,
    targets: Tensor,
    masked: Tensor,
    smoothing: float,
    class_weights: Tensor | None,
) -> Tensor:
    """Cross-entropy with soft targets; a masked class leaves the softmax's denominator."""
    open_ = 1.0 - masked
    log_scores = log_softmax(logits + torch.log(open_.clamp(min=1e-6)), dim=1)
    total = targets.sum(dim=1, keepdim=True)
    share = targets / total.clamp(min=1e-12)
    uniform = open_ / open_.sum(dim=1, keepdim=True)
    smooth = (1.0 - smoothing) * share + smoothing * uniform * (total > 0)
    if class_weights is not None:
        smooth = smooth * class_weights
    return -(smooth * open_ * log_scores).sum(dim=1)
