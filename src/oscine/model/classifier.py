"""The classifier: images to logits, and how it starts from an earlier one's weights."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from oscine.core import ModelError
from oscine.model.backbone import make_backbone
from oscine.model.config import ModelConfig
from oscine.model.head import Head, carry_over
from oscine.model.pooling import make_pooling

log = logging.getLogger("oscine")


class Classifier(nn.Module):
    """What comes before the backbone, if anything, backbone, pooling and head.

    Args:
        config: The recipe's settings.
        image_shape: Channels, mel bands and frames of the images.
        n_classes: Length of the class list.
        front: Makes the backbone's images from the front end's; None: they are the same.
    """

    def __init__(
        self,
        config: ModelConfig,
        image_shape: tuple[int, int, int],
        n_classes: int,
        front: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.front = front or nn.Identity()
        self.backbone = make_backbone(config, image_shape[0])
        self.n_features = _count_features(self.backbone, image_shape)
        self.pooling = make_pooling(config.pooling, self.n_features)
        self.head = Head(self.n_features, n_classes, config.neck_features, config.dropout)

    def forward(
        self, images: Float[Tensor, "batch channels mels frames"]
    ) -> Float[Tensor, "batch classes"]:
        """Compute the logits of a batch."""
        logits: Tensor = self.head(self.pooling(self.backbone(self.front(images))))
        return logits


def _count_features(backbone: nn.Module, image_shape: tuple[int, int, int]) -> int:
    was_training = backbone.training
    backbone.eval()
    with torch.no_grad():
        maps = backbone(torch.zeros(1, *image_shape))
    backbone.train(was_training)
    if maps.ndim != 4:
        raise ModelError(
            f"this backbone gives {maps.ndim}-dimensional features, not a feature map",
            where="model.backbone",
            fix="choose a convolutional one, such as tf_efficientnet_b1",
        )
    return int(maps.shape[1])


def start_from(
    model: Classifier,
    weights: Mapping[str, Tensor],
    from_codes: Sequence[str],
    to_codes: Sequence[str],
) -> int:
    """Start a classifier from an earlier one: all but the head, and the head rows they share.

    Args:
        model: Changed in place.
        weights: The earlier classifier's tensors.
        from_codes: The earlier class list's species codes.
        to_codes: This class list's species codes.

    Returns:
        How many head rows were carried over.

    Raises:
        ModelError: The earlier classifier has another architecture.
    """
    body = {name: value for name, value in weights.items() if not name.startswith("head.dense.")}
    own = {name: value.shape for name, value in model.state_dict().items()}
    wrong = [n for n, v in body.items() if n not in own or own[n] != v.shape]
    absent = [n for n in own if n not in body and not n.startswith("head.dense.")]
    if wrong or absent:
        raise ModelError(
            f"the earlier model is built otherwise, at {(wrong or absent)[0]}",
            fix="use the same model settings for both stages",
        )
    model.load_state_dict(body, strict=False)
    carried = carry_over(
        model.head.dense,
        weights["head.dense.weight"],
        weights["head.dense.bias"],
        from_codes,
        to_codes,
    )
    log.info("head: %d of %d species carried over", carried, len(to_codes))
    return carried
