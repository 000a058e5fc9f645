"""Every way from a backbone's feature map to logits, by its name in a recipe.

Classes are named, not imported, since recipes are read without torch. A head takes (n_features,
n_classes, neck_features, dropout); behind a pooling it is given embeddings, without one the feature
map itself, and then gives the logits of clips and of frames. Layers with a row for each class are
called `dense` or `attention`, so that rows of shared species are carried over.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HeadParts:
    """What stands behind the backbone.

    Args:
        head: The head, as MODULE:CLASS below `oscine.model`.
        pooling: What makes embeddings of feature maps, likewise; None: the head hears frames.
    """

    head: str
    pooling: str | None = None

    def classes(self) -> tuple[type[Any], type[Any] | None]:
        """Import the head, and the pooling if there is one."""
        return _load(self.head), _load(self.pooling) if self.pooling else None


HEADS: Mapping[str, HeadParts] = {
    "average": HeadParts("head:Head", "pooling:AveragePooling"),
    "max": HeadParts("head:Head", "pooling:MaxPooling"),
    "gem": HeadParts("head:Head", "pooling:GeneralizedMeanPooling"),
    "attention": HeadParts("head:EventHead"),
}
"""The choices of `model.pooling`."""


def _load(name: str) -> Any:
    module, _, kind = name.partition(":")
    return getattr(importlib.import_module(f"oscine.model.{module}"), kind)
