"""The heads, and how their rows for shared species pass from one model to the next."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, max_pool1d

CLASS_LAYERS = ("dense", "attention")
"""Layers of a head that have a row for each class."""


class Head(nn.Module):
    """Embedding to logits, by way of an optional neck.

    Args:
        n_features: Width of the embedding.
        n_classes: Length of the class list.
        neck_features: Width of a dense layer in between; 0: none.
        dropout: Probability of dropping a feature before the last layer.
    """

    def __init__(
        self, n_features: int, n_classes: int, neck_features: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.neck = make_neck(n_features, neck_features)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(neck_features or n_features, n_classes)

    def forward(self, embedding: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Compute the logits of a batch."""
        logits: Tensor = self.dense(self.dropout(self.neck(embedding)))
        return logits


class EventHead(nn.Module):
    """Feature map to logits, frame by frame, and to the clip's by a trained weight of each frame.

    A frame is a column of the feature map: window_s / columns seconds, 1/32 of the image's frames
    for most backbones.

    Source: Kong et al. (2020), "PANNs"; the sound event detection head of BirdCLEF's winners. Here
    attention weighs logits, not scores, so that the clip's output is a logit like any other head's.

    Args:
        n_features: Channels of the feature map.
        n_classes: Length of the class list.
        neck_features: Width of a dense layer in between; 0: none.
        dropout: Probability of dropping a feature before the last layer.
    """

    def __init__(
        self, n_features: int, n_classes: int, neck_features: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.neck = make_neck(n_features, neck_features)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(neck_features or n_features, n_classes)
        self.attention = nn.Linear(neck_features or n_features, n_classes)

    def forward(
        self, maps: Float[Tensor, "batch features rows columns"]
    ) -> tuple[Float[Tensor, "batch classes"], Float[Tensor, "batch columns classes"]]:
        """Compute the logits of the clips, and of their frames."""
        over_time = maps.mean(dim=2)
        # Neighbours count, as a call rarely ends with a column.
        around = max_pool1d(over_time, 3, 1, 1) + avg_pool1d(over_time, 3, 1, 1)
        hidden = self.dropout(self.neck(around.transpose(1, 2)))
        frames: Tensor = self.dense(hidden)
        weight = torch.softmax(torch.tanh(self.attention(hidden)), dim=1)
        return (weight * frames).sum(dim=1), frames


def make_neck(n_features: int, neck_features: int) -> nn.Module:
    """Make the dense layer before the last one; of no width it passes on what it is given."""
    if not neck_features:
        return nn.Identity()
    return nn.Sequential(nn.Linear(n_features, neck_features), nn.ReLU())


def carry_over(
    dense: nn.Linear,
    weight: Tensor,
    bias: Tensor,
    from_codes: Sequence[str],
    to_codes: Sequence[str],
) -> int:
    """Copy the rows of species that two class lists share.

    Args:
        dense: The new last layer, changed in place.
        weight: The old last layer's weight, [old classes, features].
        bias: Its bias, [old classes].
        from_codes: The old class list's species codes.
        to_codes: The new class list's species codes.

    Returns:
        How many rows were carried over.
    """
    if weight.shape[1] != dense.weight.shape[1]:
        return 0
    place = {code: index for index, code in enumerate(from_codes)}
    shared = [(new, place[code]) for new, code in enumerate(to_codes) if code in place]
    with torch.no_grad():
        for new, old in shared:
            dense.weight[new] = weight[old]
            dense.bias[new] = bias[old]
    return len(shared)
