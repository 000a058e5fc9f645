"""Where a run writes: whether it may, and whether there is room for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from oscine.core import ConfigError
from oscine.pipeline.doctor.diagnosis import Diagnosis, ok, problem, warning
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import Expectation, cache_bytes

RUN_BYTES = 2e9
"""Room that a run folder should have at least, bytes: checkpoints, weights and bundles."""


def run_folder(folder: RunFolder) -> Iterator[Diagnosis]:
    """Look whether the run folder can be written, and has room."""
    try:
        folder.refuse_another()
    except (ConfigError, OSError) as error:
        fix = error.fix if isinstance(error, ConfigError) else "choose another with --out"
        yield problem("run folder", f"{folder.path}: {error}", fix or "")
        return
    yield from _writable("run folder", folder.path, "choose another with --out")
    free = _free(folder.path)
    if free is not None and free < RUN_BYTES:
        yield warning(
            "disk",
            f"{folder.path}: {free / 1e9:.2f} GB free, which checkpoints and bundles may need",
            "make room, or choose another with --out",
        )
    elif free is not None:
        yield ok("disk", f"{folder.path}: {free / 1e9:.1f} GB free")


def cache_folder(folder: RunFolder, expected: Expectation | None) -> Iterator[Diagnosis]:
    """Look whether the decode cache fits on its disk and into its budget."""
    audio = folder.recipe.audio
    if audio.cache == "none":
        return
    path = Path(audio.cache_folder)
    fix = "set audio.cache_folder to a folder that you may write to"
    yield from _writable("cache folder", path.absolute(), fix)
    growth = None if expected is None else cache_bytes(folder.recipe, expected)
    free = _free(path.absolute())
    if growth is None or free is None:
        yield warning(
            "cache size",
            "the length of the recordings is unknown, and with it the size of the decode cache",
            "run `oscine catalog build RECIPE`, then ask again",
        )
        return
    told = f"the decode cache will grow by {growth / 1e9:.2f} GB, {free / 1e9:.1f} GB are free"
    move = "move audio.cache_folder to a larger disk, or set audio.cache=none"
    if growth > free:
        yield problem("cache size", told, move)
    elif growth > audio.cache_budget_gb * 1e9:
        yield problem(
            "cache size",
            f"{told}, its budget is {audio.cache_budget_gb:g} GB",
            "raise audio.cache_budget_gb, or set audio.cache=none",
        )
    elif growth > 0.8 * free:
        yield warning("cache size", told, move)
    else:
        yield ok("cache size", told)


def _writable(topic: str, path: Path, fix: str) -> Iterator[Diagnosis]:
    """Try to write into a folder, or into the nearest one above it that is there."""
    there = _nearest(path)
    try:
        # A trial tells more than the permission bits: disks are mounted to be read only.
        with tempfile.TemporaryDirectory(prefix=".oscine-doctor-", dir=there):
            pass
    except OSError as error:
        yield problem(topic, f"{path} cannot be written: {error.strerror or error}", fix)
    else:
        made = "" if there == path else " (it will be made)"
        yield ok(topic, f"{path} can be written{made}")


def _nearest(path: Path) -> Path:
    return next((place for place in (path, *path.parents) if os.path.lexists(place)), Path())


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(_nearest(path.absolute())).free
    except OSError:
        return None
