"""Running a recipe: all stages in order, or one of them and what it stands on."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from oscine.core import ConfigError
from oscine.pipeline import launched
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage, execute, wanted
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages import (
    audit,
    bundle,
    cache,
    catalog,
    evaluation,
    examples,
    fits,
    folds,
    scan,
)

log = logging.getLogger("oscine")


def plan(recipe: Recipe) -> list[Stage]:
    """List the stages of a recipe, in order."""
    return [
        catalog.make(recipe),
        audit.make(recipe),
        *folds.make(recipe),
        cache.make(recipe),
        *fits.make(recipe),
        evaluation.make(recipe),
        bundle.make(recipe),
        scan.make(recipe),
        examples.make(recipe),
    ]


def run(
    recipe: Recipe,
    folder: Path,
    stages: Iterable[str] | None = None,
    command: list[str] | None = None,
    folds: Collection[int] | None = None,
) -> list[dict[str, Any]]:
    """Run a recipe, or go on with it: finished stages are skipped, changed ones redone.

    Of several processes that a launcher started, the first comes back from here; the others take
    part in its fits, and then exit.

    Args:
        recipe: What to run.
        folder: The run folder; made if it is not there.
        stages: Names of stages to bring up to date, with all that they stand on; None: all.
        command: What `run.json` says to have been typed; None: this process's command line.
        folds: Folds of the target to fit; of the others, what is there is used. None: all.

    Returns:
        One row for each stage: its name, status, seconds and a few facts.

    Raises:
        OscineError: A stage cannot be done; those before it stay done.
    """
    elsewhere = () if folds is None else fits.of_other_folds(recipe, folds)
    ordered = plan(recipe)
    chosen = wanted(ordered, stages)
    if not chosen:
        names = ", ".join(stage.name for stage in ordered)
        raise ConfigError(f"this recipe has no such stage: {stages}", fix=f"stages: {names}")
    run_folder = RunFolder(folder, recipe)
    launched.join(recipe, run_folder)
    run_folder.open(command)
    log.info("run: %s, %d stages, in %s", recipe.name, len(chosen), folder)
    rows = execute(chosen, run_folder, elsewhere)
    launched.dismiss()
    return rows
