"""Initial weights: there before they are needed, and fitting the backbone."""

from __future__ import annotations

import importlib.util
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from oscine.core import OscineError, is_remote, location
from oscine.pipeline.doctor.diagnosis import (
    PATIENCE_S,
    Diagnosis,
    NoAnswerError,
    answered,
    of_error,
    ok,
    problem,
    warning,
)
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import mel_spec

OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""Variables that keep the hub's library from the network."""

LOCAL = "model.pretrain=none, or the path of a weights file (docs/howto/offline.md)"


def weights(recipe: Recipe) -> Iterator[Diagnosis]:
    """Look whether the recipe's initial weights can be had, and whether its model can be built."""
    pretrain = recipe.model.pretrain
    from_file = pretrain not in {"imagenet", "none"}
    place = location(pretrain) if from_file else None
    if place is not None and is_remote(place):
        yield ok("weights", f"{pretrain} is fetched when the first fit starts, not looked at here")
        from_file = False
    if any(importlib.util.find_spec(name) is None for name in ("torch", "timm")):
        if isinstance(place, Path):
            yield from _unloaded(place)
        return
    yield from _model(recipe, pretrain if from_file else "none")
    if pretrain == "imagenet":
        yield from _imagenet(recipe.model.backbone)


def _unloaded(place: Path) -> Iterator[Diagnosis]:
    """Look at a file of weights where torch is not installed."""
    if place.exists():
        yield ok("weights", f"{place} is there; whether it fits, only torch can tell")
    else:
        yield problem("weights", f"no such weights file ({place})", "check model.pretrain")


def _model(recipe: Recipe, pretrain: str) -> Iterator[Diagnosis]:
    """Build the model, with weights from this machine."""
    from oscine.model.classifier import Classifier
    from oscine.model.front import make_front

    spec = mel_spec(recipe)
    config = recipe.model.model_copy(update={"pretrain": pretrain})
    try:
        model = Classifier(config, spec.image_shape, 2, make_front(spec))
    except OscineError as error:
        yield of_error("weights" if error.where != "model.backbone" else "model", error)
        return
    millions = sum(value.numel() for value in model.parameters()) / 1e6
    given = "" if pretrain == "none" else f", and {pretrain} fits it"
    yield ok("model", f"{config.backbone} can be built ({millions:.1f} million parameters){given}")


def _imagenet(backbone: str) -> Iterator[Diagnosis]:
    """Look for ImageNet weights on this machine, else whether the hub answers."""
    from oscine.model.weights import imagenet_file

    try:
        file = imagenet_file(backbone)
    except Exception as error:  # timm knows no such backbone: `_model` has said so
        yield problem("weights", f"timm does not say where it has weights: {error}", LOCAL)
        return
    if file is None:
        yield problem("weights", f"timm has no ImageNet weights for {backbone}", LOCAL)
    elif file.cached:
        yield ok("weights", f"ImageNet weights of {file.repository} are on this machine")
    elif any(os.environ.get(name, "").lower() in {"1", "true", "yes", "on"} for name in OFFLINE):
        yield problem(
            "weights",
            f"ImageNet weights of {file.repository} are not on this machine, and "
            f"{' or '.join(OFFLINE)} forbids to fetch them",
            f"unset it, or set {LOCAL}",
        )
    elif (silence := unreachable(file.address)) is not None:
        yield problem(
            "weights",
            f"ImageNet weights of {file.repository} are not on this machine, and {file.address} "
            f"does not answer: {silence}",
            f"go online, or set {LOCAL}",
        )
    else:
        yield warning(
            "weights",
            f"ImageNet weights of {file.repository} are to be fetched when the first fit starts; "
            f"{file.address} answers",
            "nothing, as long as the network stays",
        )


def unreachable(address: str) -> str | None:
    """Ask an address for a sign of life.

    Args:
        address: Of http or https.

    Returns:
        Why it counts as unreachable; None: it answers, whatever it says.
    """
    request = urllib.request.Request(address, method="HEAD")
    try:
        answered(lambda: urllib.request.urlopen(request, timeout=PATIENCE_S).close())
    except NoAnswerError:
        return f"no answer in {PATIENCE_S:g} s"
    except urllib.error.HTTPError as error:
        error.close()
        return None if error.code < 500 else f"status {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
    return None
