"""What a recipe may say about model and loss; the defaults are the reference recipe's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from oscine.config import Config, Probability
from oscine.model.heads import HEADS


class ModelConfig(Config):
    """A timm backbone, pooling over its feature map, and a dense head."""

    backbone: str = "tf_efficientnet_b1"
    """Name of a timm model."""
    pretrain: str = "imagenet"
    """Initial backbone weights: imagenet (from timm's hub), none, or the path of a local file
    (.pth, .pt or .safetensors) or of a bundle folder, or the URL of one of these."""
    full_stem_resolution: bool = False
    """Stride 1 instead of 2 in the stem's first convolution."""
    pooling: str = "average"
    """How the feature map becomes logits: pooled to one embedding by average, max or gem, or, for
    attention, frame by frame with a trained weight for each frame and class (a sound event
    detection head)."""
    neck_features: int = Field(0, ge=0)
    """Width of a dense layer between pooling and head; 0: none."""
    dropout: Probability = 0.0
    """Dropout before the head."""
    drop_path: Probability = 0.0
    """Stochastic depth, for backbones that have it."""
    final_activation: Literal["softmax", "sigmoid"] = "softmax"
    """How logits become scores, in evaluation and in the bundle."""

    @field_validator("pooling")
    @classmethod
    def _known(cls, pooling: str) -> str:
        if pooling not in HEADS:
            raise ValueError(f"no such pooling; the choices are {', '.join(HEADS)}")
        return pooling


class LossConfig(Config):
    """What is minimised; the defaults are the reference recipe's."""

    kind: Literal["CCE", "BCE", "focal"] = "CCE"
    """Categorical cross-entropy, binary cross-entropy, or binary focal loss."""
    label_smoothing: Probability = 0.05
    """Share of the target that is spread over all classes (CCE) or moved towards .5 (BCE)."""
    secondary_labels: Literal["ignore", "positive", "soft", "mask"] = "ignore"
    """Secondary labels count as absent, as present, as present with `secondary_weight`, or
    their classes are left out of the loss (BCE, focal) or of the denominator (CCE)."""
    secondary_weight: float = Field(0.3, ge=0.0, le=1.0)
    """Target of a secondary label for `soft`."""
    focal_gamma: float = Field(2.0, ge=0.0)
    """Exponent of the focal loss; 0 is BCE."""
    frame_weight: float = Field(0.5, ge=0.0)
    """With `pooling: attention`: weight of the same loss on each class's greatest frame."""
    class_weight_power: float | None = Field(None, ge=0.0, le=1.0)
    """Presence of a class weighs n^-power of its training recordings, 1 on average; null: alike."""
    class_weights: dict[str, float] = Field(default_factory=dict)
    """Further factors of a class's presence, by species code."""
