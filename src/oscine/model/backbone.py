"""Backbones from timm, with ImageNet weights from its hub or from a local file.

Source: timm (Wightman). The only module that knows timm.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.layers.drop import DropPath
from timm.layers.norm_act import convert_sync_batchnorm
from timm.models import adapt_input_conv, group_parameters
from torch import Tensor, nn

from oscine.core import ModelError, RemoteError, is_remote, local_file, location, name_of
from oscine.model.bundle import INFO_FILE, WEIGHTS_FILE
from oscine.model.config import ModelConfig

log = logging.getLogger("oscine")


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
        load_weights(backbone, _local_weights(config.pretrain))
    return backbone


class HubFile(NamedTuple):
    """Where timm takes a backbone's ImageNet weights from.

    Args:
        repository: Its name on the hub, or a URL.
        address: Address of the hub, or the URL.
        cached: Whether a file of it is on this machine already.
    """

    repository: str
    address: str
    cached: bool


def imagenet_file(name: str) -> HubFile | None:
    """Tell where timm would take ImageNet weights from; None: it has none for this backbone.

    Args:
        name: A backbone that timm knows.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    config = timm.get_pretrained_cfg(name)
    if config is None or not config.has_weights:
        return None
    if not config.hf_hub_id:
        url = str(config.url)
        file = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
        return HubFile(url, url, file.is_file())
    files = ("model.safetensors", "pytorch_model.bin")
    held = [try_to_load_from_cache(config.hf_hub_id, name) for name in files]
    cached = any(isinstance(path, str) for path in held)
    return HubFile(config.hf_hub_id, constants.ENDPOINT, cached)


WEIGHTS_SUFFIXES = frozenset({".pth", ".pt", ".safetensors"})
"""Names of files of initial weights end so; a URL that does not is a bundle's."""


def bundle_folder(pretrain: str) -> Path | None:
    """Give the folder of the bundle that initial weights come from; None if from no bundle."""
    if pretrain in {"imagenet", "none"}:
        return None
    place = location(pretrain)
    if is_remote(place):
        return None
    return place if (place / INFO_FILE).is_file() else None


def _local_weights(pretrain: str) -> Path:
    """Give the local path of initial weights; of a remote bundle the file in it is fetched."""
    place = location(pretrain)
    if is_remote(place) and Path(name_of(place)).suffix not in WEIGHTS_SUFFIXES:
        place = place / WEIGHTS_FILE
    try:
        return local_file(place)
    except RemoteError as error:
        raise ModelError(error.what, where=error.where, fix=error.fix) from error


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


def load_weights(backbone: nn.Module, path: Path) -> None:
    """Load a local weights file into a backbone.

    Tensors are paired by name where the names agree, else in order where the shapes agree (as in
    files that were converted from another framework). A classifier's own tensors are left out,
    and a colour stem is summed to one channel.

    Args:
        backbone: Changed in place.
        path: A .pth, .pt or .safetensors file, or a bundle folder.

    Raises:
        ModelError: The file is missing or does not fit.
    """
    given = _read_weights(path)
    own = backbone.state_dict()
    if not set(own) <= set(given):
        wanted = [name for name in own if not name.endswith("num_batches_tracked")]
        values = [value for key, value in given.items() if not key.endswith("num_batches_tracked")]
        given = dict(zip(wanted, values, strict=False))
    matched: dict[str, Tensor] = {}
    for name, tensor in own.items():
        if name.endswith("num_batches_tracked"):
            continue
        value = given.get(name)
        if value is not None and value.ndim == 4 and value.shape[1] != tensor.shape[1]:
            value = adapt_input_conv(tensor.shape[1], value)
        if value is None or value.shape != tensor.shape:
            shape = "absent" if value is None else tuple(value.shape)
            raise ModelError(
                f"weights do not fit: {name} is {tuple(tensor.shape)}, in the file {shape}",
                where=path,
                fix="use the file of the same backbone (timm's name for it)",
            )
        matched[name] = value
    backbone.load_state_dict(matched, strict=False)
    log.info("backbone: %d tensors from %s", len(matched), path)


def _read_weights(path: Path) -> dict[str, Tensor]:
    if path.is_dir():
        path = path / WEIGHTS_FILE
    if not path.is_file():
        raise ModelError("no such weights file", where=path, fix="check model.pretrain")
    if path.suffix == ".safetensors":
        try:
            tensors = load_file(path)
        except SafetensorError as error:
            raise ModelError(
                "this is no safetensors file", where=path, fix="check model.pretrain"
            ) from error
        inner = "backbone."
        if any(name.startswith(inner) for name in tensors):
            tensors = {n.removeprefix(inner): t for n, t in tensors.items() if n.startswith(inner)}
        return tensors
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        state = loaded.get("state_dict", loaded)
    except Exception as error:  # torch raises many kinds, all of which mean: no weights
        raise ModelError(
            "this is no file of weights", where=path, fix="check model.pretrain"
        ) from error
    return {name.removeprefix("module."): value for name, value in state.items()}
