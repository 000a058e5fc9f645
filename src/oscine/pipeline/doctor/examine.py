"""The doctor: everything that a run would stumble over, found before it starts.

Nothing is written but temporary files, nothing is asked, and nobody on the network is waited for
longer than a few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from oscine.core import OscineError
from oscine.pipeline.doctor import data, environment, keys, machine, places
from oscine.pipeline.doctor.diagnosis import Diagnosis, of_error, ok
from oscine.pipeline.doctor.weights import weights
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.recipe import Recipe, load_recipe

log = logging.getLogger("oscine")


def examine(
    name: str | None = None, overrides: Sequence[str] = (), out: Path | None = None
) -> Iterator[Diagnosis]:
    """Look at this machine, and at what a recipe needs of it.

    Args:
        name: A recipe file or preset; None: the machine alone.
        overrides: Settings to change.
        out: The run folder; None: runs/NAME.

    Yields:
        Diagnoses, as they are made.
    """
    recipe = None
    faults: list[Diagnosis] = []
    if name is not None:
        try:
            recipe = load_recipe(name, overrides)
        except OscineError as error:
            faults.append(of_error("recipe", error))
    yield from environment.packages(_extras(recipe))
    yield from environment.texts()
    yield from machine.cores(recipe)
    yield from machine.memory()
    yield from machine.devices(recipe)
    yield from machine.decoders()
    yield from keys.keys(recipe)
    yield from faults
    if recipe is not None:
        yield ok("recipe", f"{name}: every setting is known and has a value that it may have")
        yield from _of_recipe(RunFolder(out or Path("runs") / recipe.name, recipe))


def _of_recipe(folder: RunFolder) -> Iterator[Diagnosis]:
    recipe = folder.recipe
    yield from places.run_folder(folder)
    level = log.level
    log.setLevel(logging.ERROR)  # what reading catalogs says would stand between the lines
    try:
        found, expected = data.catalogs(folder)
        yield from found
        yield from places.cache_folder(folder, expected)
        yield from data.sounds(recipe)
        yield from data.soundscapes(recipe)
        yield from weights(recipe)
    finally:
        log.setLevel(level)


def _extras(recipe: Recipe | None) -> set[str]:
    """Name the extras that a run of the recipe needs."""
    if recipe is None:
        return set()
    is_remote = any("://" in str(catalog.path) for catalog in recipe.catalogs)
    return {"train"} | ({"remote"} if is_remote else set())
