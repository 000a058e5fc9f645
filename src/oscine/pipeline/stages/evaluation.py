"""The `evaluate` stage: pooled out-of-fold scores, metrics with intervals, and thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from oscine.core import atomic_path, write_json
from oscine.evaluate import (
    bootstrap_differences,
    bootstrap_intervals,
    deal,
    decide,
    evaluate_scores,
)
from oscine.evaluate.frequency import EDGES
from oscine.pipeline.decisions import decided_to_plain, source_of
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.class_tables import class_tables
from oscine.pipeline.stages.fits import make as make_fits
from oscine.pipeline.stages.out_of_fold import OutOfFold, Pair

COMPARED = (("finetune", "baseline"), ("naive", "finetune"))
"""Fits whose difference is taken, on the rows that both scored."""

MOST_CONFUSIONS = 200
"""Rows kept of the table of confused pairs."""


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    needs = tuple(stage.name for stage in make_fits(recipe))
    settings = {
        "seed": recipe.seed,
        "bootstrap": recipe.evaluation.bootstrap.to_plain(),
        "calibration": recipe.evaluation.calibration.to_plain(),
        "bins": EDGES,
    }
    return Stage("evaluate", needs, "evaluate", settings, run)


def fitted(folder: RunFolder) -> dict[str, tuple[int, ...]]:
    """List the folds of each fit that a run has, without those that are missing."""
    recipe = folder.recipe
    folds: dict[str, tuple[int, ...]] = (
        {"pretrain": (recipe.pretrain_folds.selected[0],)} if recipe.pretrains else {}
    )
    folds["finetune"] = folder.folds("finetune")
    if recipe.baseline and recipe.pretrains:
        folds["baseline"] = folder.folds("baseline")
    if recipe.compare_naive:
        folds["naive"] = folder.folds("naive")
    return folds


def _missing(folder: RunFolder, stage: str) -> list[int]:
    """List the selected folds of a fit that another run is to bring."""
    selected = folder.recipe.target_folds.selected
    return [fold for fold in selected if f"{stage}/fold-{fold}" in folder.missing]


def run(folder: RunFolder) -> dict[str, Any]:
    """Compute and write metrics, per-class metrics and confusions."""
    recipe, output = folder.recipe, folder.path / "evaluate"
    tables = {
        stage: table
        for stage, folds in fitted(folder).items()
        if len(table := OutOfFold(folder, stage, folds))
    }
    metrics: dict[str, Any] = {
        stage: _metrics(table, recipe) | {"missing_folds": _missing(folder, stage)}
        for stage, table in tables.items()
    }
    pairs: dict[str, Pair] = {}
    for first, second in COMPARED:
        if {first, second} <= tables.keys():
            name = f"{first}-{second}"
            pair = pairs[name] = Pair.of(tables[first], tables[second])
            metrics.setdefault("compared", {})[name] = len(pair.truth)
            metrics.setdefault("difference", {})[name] = _difference(pair, recipe)
    for name, by_class in class_tables(folder, tables, pairs).items():
        with atomic_path(output / f"{name}.parquet") as partial:
            by_class.write_parquet(partial)
    with atomic_path(output / "confusions.parquet") as partial:
        _concat([_confusions(s, t) for s, t in tables.items()]).write_parquet(partial)
    write_json(output / "metrics.json", metrics)
    if "finetune" in tables:
        write_json(output / "calibration.json", _decide(tables["finetune"], recipe))
    pooled = {stage: metrics[stage]["pooled"] for stage in tables}
    return {
        stage: {name: value and round(value["value"], 4) for name, value in values.items()}
        for stage, values in pooled.items()
    }


def _concat(tables: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(tables) if tables else pl.DataFrame()


def _metrics(table: OutOfFold, recipe: Recipe) -> dict[str, Any]:
    intervals = bootstrap_intervals(
        table.truth, table.scores, table.groups(), recipe.seed, recipe.evaluation.bootstrap
    )
    fold = table.table["fold"].to_numpy()
    by_fold = {
        str(number): evaluate_scores(table.truth[fold == number], table.scores[fold == number])
        for number in sorted(set(fold.tolist()))
    }
    values = {
        name: [v for row in by_fold.values() if (v := row[name]) is not None] for name in intervals
    }
    return {
        "n": len(table),
        "pooled": {name: value and value.to_plain() for name, value in intervals.items()},
        "folds": by_fold,
        "n_folds": {name: len(v) for name, v in values.items()},
        "mean": {name: float(np.mean(v)) if v else None for name, v in values.items()},
        "spread": {
            name: float(np.std(v, ddof=1)) if len(v) > 1 else None for name, v in values.items()
        },
    }


def _decide(table: OutOfFold, recipe: Recipe) -> dict[str, Any]:
    """Choose thresholds and fit calibration, tried across folds; within one fold across groups."""
    config, groups = recipe.evaluation.calibration, table.groups()
    fold = table.table["fold"].to_numpy()
    parts = fold if len(set(fold.tolist())) > 1 else deal(groups)
    decided = decide(table.truth, table.scores, table.known(), parts, config)
    source = source_of("out_of_fold", recipe.name, config, len(table), len(set(groups)))
    return decided_to_plain(decided, table.classes.codes, config, source)


def _difference(pair: Pair, recipe: Recipe) -> dict[str, Any]:
    """Compare on the rows that both scored."""
    if not len(pair.truth):
        return {}
    intervals = bootstrap_differences(
        pair.truth, pair.scores, pair.groups, recipe.seed, recipe.evaluation.bootstrap
    )
    return {name: value and value.to_plain() for name, value in intervals.items()}


def _confusions(stage: str, table: OutOfFold) -> pl.DataFrame:
    codes = np.array(table.classes.codes)
    guess = table.scores.argmax(axis=1)
    wrong = guess != table.primary
    pairs = pl.DataFrame(
        {
            "stage": [stage] * int(wrong.sum()),
            "species_code": codes[table.primary[wrong]].tolist(),
            "predicted": codes[guess[wrong]].tolist(),
        },
        schema={"stage": pl.String, "species_code": pl.String, "predicted": pl.String},
    )
    counted = pairs.group_by("stage", "species_code", "predicted").len(name="n")
    ordered = counted.sort("n", "species_code", "predicted", descending=[True, False, False])
    return ordered.head(MOST_CONFUSIONS)
