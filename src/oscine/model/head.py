"""The dense head, and how its rows for shared species pass from one model to the next."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn


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
        self.neck: nn.Module = nn.Identity()
        if neck_features:
            self.neck = nn.Sequential(nn.Linear(n_features, neck_features), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(neck_features or n_features, n_classes)

    def forward(self, embedding: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Compute the logits of a batch."""
        logits: Tensor = self.dense(self.dropout(self.neck(embedding)))
        return logits


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
