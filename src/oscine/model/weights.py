"""Initial weights of backbones: timm's hub files, local and remote files, bundles."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from timm.models import adapt_input_conv
from torch import Tensor, nn

from oscine.core import ModelError, RemoteError, is_remote, local_file, location, name_of
from oscine.model.bundle import INFO_FILE, WEIGHTS_FILE

log = logging.getLogger("oscine")


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


def local_weights(pretrain: str) -> Path:
    """Give the local path of initial weights; of a remote bundle the file in it is fetched.

    Args:
        pretrain: A path or address of a weights file or of a bundle.

    Raises:
        ModelError: It cannot be had.
    """
    place = location(pretrain)
    if is_remote(place) and Path(name_of(place)).suffix not in WEIGHTS_SUFFIXES:
        place = place / WEIGHTS_FILE
    try:
        return local_file(place)
    except RemoteError as error:
        raise ModelError(error.what, where=error.where, fix=error.fix) from error


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
