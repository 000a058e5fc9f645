"""Cores, memory and devices, and whether each kind of recording decodes here."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

from oscine.audio.selftest import KINDS, try_decoding
from oscine.core import (
    OscineError,
    available_cores,
    core_quota,
    multiplies_bfloat16,
    usable_memory,
)
from oscine.pipeline.doctor.diagnosis import Diagnosis, of_error, ok, problem, warning
from oscine.pipeline.recipe import Recipe
from oscine.train.config import DeviceConfig

LEAST_GB = 2.0
"""Free memory below which training is in danger, GB."""

CODECS = {"m4a": "pip install --force-reinstall av"}
"""What to do about a kind that does not decode, if it is not libsndfile's."""


def cores(recipe: Recipe | None) -> Iterator[Diagnosis]:
    """Look at the cores, and at what of them the recipe uses."""
    usable, machine, quota = available_cores(), os.cpu_count() or 1, core_quota()
    limit = f", a container's limit of {quota:g}" if quota is not None else ""
    yield ok("cores", f"{usable} usable (the machine has {machine}{limit})")
    if recipe is not None and recipe.audio.workers > usable:
        yield warning(
            "cores",
            f"audio.workers is {recipe.audio.workers}, more than the cores",
            "set audio.workers=0: one for each core",
        )


def memory() -> Iterator[Diagnosis]:
    """Look at the memory."""
    found = usable_memory()
    if found is None:
        yield ok("memory", "this system does not say how much there is")
        return
    limit = " (a container's limit)" if found.limited else ""
    told = f"{found.available / 1e9:.1f} of {found.total / 1e9:.1f} GB free{limit}"
    if found.available < LEAST_GB * 1e9:
        yield warning(
            "memory",
            f"{told}: a fit may be killed",
            "end other programs, or lower the batch_size; `oscine plan` measures what it needs",
        )
    else:
        yield ok("memory", told)


def decoders() -> Iterator[Diagnosis]:
    """Try to decode each kind of recording."""
    results = {kind: try_decoding(kind) for kind in KINDS}
    if good := [kind for kind, wrong in results.items() if wrong is None]:
        yield ok("decoders", f"{', '.join(good)} decode")
    for kind, wrong in results.items():
        if wrong is not None:
            fix = CODECS.get(kind, "pip install --force-reinstall soundfile")
            told = f"{kind} does not decode, such recordings would be left out: {wrong}"
            yield warning("decoders", told, fix)


def devices(recipe: Recipe | None) -> Iterator[Diagnosis]:
    """Look for what a fit would run on; loads torch if it is installed."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("lightning") is None:
        yield ok("devices", "torch or lightning is not installed: this machine scans, on its CPU")
        return
    try:
        from oscine.train.devices import find_device

        device = find_device(DeviceConfig() if recipe is None else recipe.devices)
    except OscineError as error:
        yield of_error("devices", error)
        return
    except Exception as error:  # a broken torch fails in many ways
        yield problem(
            "devices",
            f"torch is installed and does not load: {type(error).__name__}: {error}",
            "install torch again, for this machine's driver",
        )
        return
    yield ok(
        "devices",
        f"{device.count} x {device.name} ({device.kind}); precision auto is "
        f"{device.precision('auto')}",
    )
    if recipe is not None and device.kind == "cpu":
        asked = {
            name: stage.precision
            for name in ("pretrain", "finetune")
            if (stage := getattr(recipe, name)) is not None
            and (
                stage.precision == "float16"
                or (stage.precision == "bfloat16" and not multiplies_bfloat16())
            )
        }
        for name, precision in asked.items():
            yield warning(
                "devices",
                f"{name}.precision is {precision}, for which this CPU has no instructions: it may "
                "take a hundred times as long",
                f"set {name}.precision=auto",
            )
