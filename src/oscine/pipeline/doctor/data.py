"""What a recipe reads: catalogs and their audio, folds, sounds to mix in, soundscapes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from oscine.audio import speech_model_path
from oscine.augment import list_sounds
from oscine.catalog import read_catalog
from oscine.core import ConfigError, OscineError, file_state, is_remote, location
from oscine.infer.recordings import find_recordings
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
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import Expectation, expect, standings
from oscine.pipeline.forecast.sizes import fit_sizes
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import stage_config

FIX_FILES = "put them where the catalog says; else the audit leaves them out, with a reason"


def catalogs(folder: RunFolder) -> tuple[list[Diagnosis], Expectation | None]:
    """Read the catalogs, and look for their audio.

    Args:
        folder: The run, not opened.

    Returns:
        What was found; and what the fits will hear, None where that cannot be told. Remote
        catalogs are asked for a sign of life, and not read.
    """
    recipe = folder.recipe
    if any(is_remote(config.path) for config in recipe.catalogs):
        return list(_remote(recipe)), None
    try:
        current = {one.stage.name for one in standings(folder) if not one.runs}
        expected = expect(folder, current)
    except OscineError as error:
        return [*_one_by_one(recipe, error)], None
    return [*_parts(expected), *_folds(recipe, expected)], expected


def _remote(recipe: Recipe) -> Iterator[Diagnosis]:
    for config in recipe.catalogs:
        topic = f"catalog {config.name}"
        try:
            answered(partial(file_state, config.path))
        except NoAnswerError:
            told = f"{config.path}: no answer in {PATIENCE_S:g} s"
            yield problem(topic, told, "go online, or fetch the catalog and give its local path")
        except OscineError as error:
            yield of_error(topic, error)
        else:
            what = "it answers; it" if is_remote(config.path) else "it"
            yield ok(topic, f"{config.path}: {what} is read when the run starts, not here")


def _one_by_one(recipe: Recipe, error: OscineError) -> Iterator[Diagnosis]:
    """Say of each catalog whether it can be read; what is wrong may be in how they go together."""
    alone = True
    for config in recipe.catalogs:
        topic = f"catalog {config.name}"
        try:
            yield ok(topic, f"{len(read_catalog(config))} rows can be read")
        except OscineError as own:
            alone = False
            yield of_error(topic, own)
    if alone:
        yield of_error("catalogs", error)


def _parts(expected: Expectation) -> Iterator[Diagnosis]:
    for part, table in expected.parts.items():
        if not len(table):
            continue
        lengths = expected.lengths[part]
        for (name,), rows in table.group_by("catalog", maintain_order=True):
            n_classes = rows["primary_label"].n_unique()
            yield ok(f"catalog {name}", f"{part}: {len(rows)} recordings of {n_classes} classes")
        if lengths.n_missing:
            told = f"{lengths.n_missing} of {lengths.n_looked_at} files looked for are missing"
            yield warning(f"audio of {part}", told, FIX_FILES)
        elif lengths.known:
            yield ok(f"audio of {part}", f"{lengths.n_files} files; those looked for are there")


def _folds(recipe: Recipe, expected: Expectation) -> Iterator[Diagnosis]:
    try:
        sizes = fit_sizes(recipe, expected, n_devices=1)
    except OscineError as error:
        yield of_error("folds", error)
        return
    for size in sizes:
        batch = stage_config(recipe, size.kind).batch_size
        if size.n_clips < batch:
            yield warning(
                "folds",
                f"{size.name}: an epoch has {size.n_clips} clips, less than a batch of {batch}",
                "lower the batch_size",
            )
    yield ok("folds", f"{len(sizes)} fits, each with recordings to train and to validate on")


def sounds(recipe: Recipe) -> Iterator[Diagnosis]:
    """Look for what augmentation mixes in, and for the model that hears people."""
    folders = {
        place
        for stage in (recipe.pretrain, recipe.finetune)
        if stage is not None
        for place in stage.augment.folders
        if not is_remote(place)
    }
    for place in sorted(folders):
        if n := len(list_sounds(place)):
            yield ok("sounds", f"{place}: {n} recordings to mix in")
        else:
            yield problem("sounds", f"{place}: no recording to mix in", "check the folder")
    if recipe.audit.speech and recipe.audit.speech_model is None:
        try:
            yield ok("speech", f"the model is there ({speech_model_path()})")
        except ConfigError as error:
            yield of_error("speech", error)


def soundscapes(recipe: Recipe) -> Iterator[Diagnosis]:
    """Look for what is scanned at the end of the run, which a typing error would end in vain."""
    places = [location(path) for path in recipe.scan.paths]
    local = [place for place in places if not is_remote(place)]
    if local:
        try:
            found = find_recordings(local)
        except OscineError as error:
            yield of_error("scan", error)
        else:
            gone = [path for path in found if file_state(path) is None]
            if gone:
                told = f"{len(gone)} of {len(found)} soundscapes are missing, such as {gone[0]}"
                yield warning("scan", told, "check scan.paths")
            else:
                yield ok("scan", f"{len(found)} soundscapes")
    annotations = recipe.scan.annotations
    if annotations is not None and "://" not in annotations and not Path(annotations).is_file():
        yield problem("scan", f"no such annotations ({annotations})", "check scan.annotations")
