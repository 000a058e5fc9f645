"""Pooling: from a feature map to one embedding."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class AveragePooling(nn.Module):
    """Mean over rows and columns."""

    def forward(
        self, maps: Float[Tensor, "batch features rows columns"]
    ) -> Float[Tensor, "batch features"]:
        """Pool a batch."""
        return maps.mean(dim=(2, 3))


class MaxPooling(nn.Module):
    """Maximum over rows and columns."""

    def forward(
        self, maps: Float[Tensor, "batch features rows columns"]
    ) -> Float[Tensor, "batch features"]:
        """Pool a batch."""
        return maps.amax(dim=(2, 3))


class GeneralizedMeanPooling(nn.Module):
    """Generalised mean with a trained exponent, from average (1) to maximum (infinity).

    Source: Radenovic et al. (2018), "Fine-tuning CNN image retrieval with no human annotation".
    """

    def __init__(self) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor(3.0))

    def forward(
        self, maps: Float[Tensor, "batch features rows columns"]
    ) -> Float[Tensor, "batch features"]:
        """Pool a batch."""
        return maps.clamp(min=1e-6).pow(self.power).mean(dim=(2, 3)).pow(1.0 / self.power)
