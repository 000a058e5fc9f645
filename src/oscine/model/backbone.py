"""Backbones from timm.

Source: timm (Wightman), which only this module and `weights` know.
"""

from __future__ import annotations

from typing import Any

import timm
import torch
from jaxtyping import Float
from timm.layers.drop import DropPath
from timm.layers.norm_act import convert_sync_batchnorm
from timm.models import group_parameters
from torch import Tensor, nn

from oscine.core import ModelError
from oscine.model.config import ModelConfig
from oscine.model.weights import load_weights, local_weights


def make_backbone(config: ModelConfig, channels: int) -> nn.Module:
    """Build a backbone that maps images to a feature map.

    Args:
        config: Name, initial weights, stem and drop path.
        channels: Channels of the images.

    Returns:
        A module of [batch, channels, height, width] -> [batch, features, rows, columns].

    Raises:
        ModelError: The name is unknown, the weights cannot be had, or they do not fit.
    """
    if not timm.is_model(config.backbone):
        near = timm.list_models(f"*{config.backbone.split('_')[0]}*")[:8]
        raise ModelError(
            f"timm knows no backbone {config.backbone!r}",
            where="model.backbone",
            fix=f"choose one of timm.list_models(), such as {', '.join(near) or 'resnet18'}",
        )
    backbone = _create(config, channels)
    if config.full_stem_resolution:
        _widen_stem(backbone, config.backbone)
    if config.pretrain not in {"imagenet", "none"}:
        load_weights(backbone, local_weights(config.pretrain))
    return backbone


def feature_map(
    backbone: Any, images: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, "batch features rows columns"]:
    """Compute what is pooled.

    Some backbones (MobileNetV3 and 4, GhostNet, HGNetV2, ...) have layers that belong behind the
    pooling, where they cost a hundredth; the map comes before these.

    Args:
        backbone: One of `make_backbone`.
        images: Images of as many channels as it was made for.
    """
    maps: Tensor = backbone.forward_features(images)
    return maps


def behind_pooling(
    backbone: Any, maps: Float[Tensor, "batch features rows columns"]
) -> Float[Tensor, "batch embedding rows columns"]:
    """Apply the layers that the backbone has behind the pooling; most have none.

    Args:
        backbone: One of `make_backbone`.
        maps: A feature map; one row and column of it if it is pooled.
    """
    embedding: Tensor = backbone.forward_head(maps)
    return embedding


def count_features(backbone: Any, image_shape: tuple[int, int, int]) -> int:
    """Find the width of the embedding.

    Args:
        backbone: One of `make_backbone`.
        image_shape: Channels, mel bands and frames of the images.

    Raises:
        ModelError: It makes no feature map of images.
    """
    was_training = backbone.training
    backbone.eval()
    with torch.no_grad():
        maps = feature_map(backbone, torch.zeros(1, *image_shape))
        if maps.ndim != 4 or maps.shape[1] != backbone.num_features:
            raise ModelError(
                f"this backbone gives features of shape {list(maps.shape[1:])}, not a feature map "
                f"of {backbone.num_features} channels",
                where="model.backbone",
                fix="choose a convolutional one, such as tf_efficientnet_b1",
            )
        width = behind_pooling(backbone, maps[:, :, :1, :1]).shape[1]
    backbone.train(was_training)
    return width


def _create(config: ModelConfig, channels: int) -> nn.Module:
    options: dict[str, Any] = {"in_chans": channels, "num_classes": 0, "global_pool": ""}
    if config.drop_path:
        options["drop_path_rate"] = config.drop_path
    pretrained = config.pretrain == "imagenet"
    try:
        backbone: nn.Module = timm.create_model(config.backbone, pretrained=pretrained, **options)
    except TypeError as error:
        raise ModelError(
            f"{config.backbone} does not take these settings: {error}", where="model"
        ) from error
    except Exception as error:  # the hub raises many kinds, all of which mean: no weights
        if not pretrained:
            raise
        raise ModelError(
            f"no ImageNet weights for {config.backbone}: {type(error).__name__}",
            where="model.pretrain",
            fix="go online, or give the path of a local weights file, or `none`",
        ) from error
    if config.drop_path and not _drops_paths(backbone):
        raise ModelError(
            f"{config.backbone} has no shortcuts whose branches could be dropped",
            where="model.drop_path",
            fix="set it to 0, or choose another backbone",
        )
    return backbone


def _drops_paths(backbone: nn.Module) -> bool:
    """Tell whether stochastic depth would do anything; some blocks build it beside no shortcut."""
    return any(
        isinstance(part, DropPath) and part.drop_prob > 0.0 and getattr(block, "has_skip", True)
        for block in backbone.modules()
        for part in block.children()
    )


def _widen_stem(backbone: nn.Module, name: str) -> None:
    for module in backbone.modules():
        if isinstance(module, nn.Conv2d):
            if module.stride != (2, 2):
                break
            module.stride = (1, 1)
            return
    raise ModelError(
        f"the stem of {name} has no first convolution of stride 2",
        where="model.full_stem_resolution",
        fix="set it to false",
    )


def sync_norms(model: nn.Module) -> None:
    """Make batch norms take their statistics from the clips of all processes; CUDA only.

    Args:
        model: Changed in place; the names of its tensors stay.
    """
    convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]


def layer_depths(backbone: nn.Module) -> dict[str, int]:
    """Number the layer of each parameter, 0 being the stem, as the backbone itself groups them.

    Raises:
        ModelError: The backbone does not tell its layers.
    """
    matcher = getattr(backbone, "group_matcher", None)
    if matcher is None:
        raise ModelError(
            f"a {type(backbone).__name__} does not tell its layers",
            where="optimizer.layer_decay",
            fix="set it to 1",
        )
    depths: dict[str, int] = group_parameters(backbone, matcher(coarse=False), reverse=True)
    return depths
