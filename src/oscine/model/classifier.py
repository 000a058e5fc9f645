"""The classifier: images to logits, and how it starts from an earlier one's weights."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from jaxtyping import Float
from safetensors.torch import load_file
from torch import Tensor, nn

from oscine.core import ModelError
from oscine.model.backbone import behind_pooling, count_features, feature_map, make_backbone
from oscine.model.bundle import read_bundle
from oscine.model.config import ModelConfig
from oscine.model.head import CLASS_LAYERS, carry_over
from oscine.model.heads import HEADS

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
        self.n_features = count_features(self.backbone, image_shape)
        head, pooling = HEADS[config.pooling].classes()
        self.has_frames = pooling is None
        """Whether it scores frames too."""
        self.pooling = pooling() if pooling else nn.Identity()
        self.head = head(self.n_features, n_classes, config.neck_features, config.dropout)

    def forward(
        self, images: Float[Tensor, "batch channels mels frames"]
    ) -> Float[Tensor, "batch classes"]:
        """Compute the logits of a batch."""
        return self.clips_and_frames(images)[0]

    def clips_and_frames(
        self, images: Float[Tensor, "batch channels mels frames"]
    ) -> tuple[Float[Tensor, "batch classes"], Float[Tensor, "batch columns classes"] | None]:
        """Compute the logits of a batch, and of its frames if the head gives them."""
        return self.classify(self.maps(images))

    def maps(
        self, images: Float[Tensor, "batch channels mels frames"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Compute the backbone's feature maps of a batch."""
        return feature_map(self.backbone, self.front(images))

    def classify(
        self, maps: Float[Tensor, "batch features rows columns"]
    ) -> tuple[Float[Tensor, "batch classes"], Float[Tensor, "batch columns classes"] | None]:
        """Compute the logits of feature maps, and of their frames if the head gives them."""
        if self.has_frames:
            logits, frames = self.head(behind_pooling(self.backbone, maps))
            return logits, frames
        pooled = self.pooling(maps)[:, :, None, None]
        return self.head(behind_pooling(self.backbone, pooled).flatten(1)), None


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
    body = {name: value for name, value in weights.items() if not _is_of_classes(name)}
    own = {name: value.shape for name, value in model.state_dict().items()}
    wrong = [n for n, v in body.items() if n not in own or own[n] != v.shape]
    absent = [n for n in own if n not in body and not _is_of_classes(n)]
    if wrong or absent:
        raise ModelError(
            f"the earlier model is built otherwise, at {(wrong or absent)[0]}",
            fix="use the same model settings for both stages",
        )
    model.load_state_dict(body, strict=False)
    return _carry_over(model, weights, from_codes, to_codes)


def start_from_bundle(model: Classifier, path: Path, to_codes: Sequence[str]) -> int:
    """Give a classifier whose backbone is a bundle's the rest of it too, where it fits.

    Args:
        model: Changed in place.
        path: The bundle's folder.
        to_codes: The class list's species codes.

    Returns:
        How many head rows were carried over; 0 where neck or pooling are others than the bundle's.

    Raises:
        BundleError: The bundle is incomplete.
    """
    bundle = read_bundle(path)
    weights = load_file(bundle.weights_path)
    rest = {
        name: value
        for name, value in weights.items()
        if not _is_of_classes(name) and not name.startswith("backbone.")
    }
    own = {name: value.shape for name, value in model.state_dict().items()}
    wanted = {n for n in own if not _is_of_classes(n) and not n.startswith("backbone.")}
    if rest.keys() != wanted or any(own[name] != value.shape for name, value in rest.items()):
        log.info("head: the bundle's neck or pooling is another, none of it was carried over")
        return 0
    model.load_state_dict(rest, strict=False)
    return _carry_over(model, weights, bundle.info.species_codes(), to_codes)


def _is_of_classes(name: str) -> bool:
    """Tell whether a tensor has a row for each class."""
    return name.startswith(tuple(f"head.{layer}." for layer in CLASS_LAYERS))


def _carry_over(
    model: Classifier,
    weights: Mapping[str, Tensor],
    from_codes: Sequence[str],
    to_codes: Sequence[str],
) -> int:
    carried = 0
    for layer in CLASS_LAYERS:
        if f"head.{layer}.weight" in weights and hasattr(model.head, layer):
            carried = carry_over(
                getattr(model.head, layer),
                weights[f"head.{layer}.weight"],
                weights[f"head.{layer}.bias"],
                from_codes,
                to_codes,
            )
    log.info("head: %d of %d species carried over", carried, len(to_codes))
    return carried
