"""The `evaluate` stage: pooled out-of-fold scores, metrics with intervals, and thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog import ClassList
from oscine.core import atomic_path, write_json
from oscine.evaluate import (
    bootstrap_differences,
    bootstrap_intervals,
    deal,
    decide,
    evaluate_scores,
    per_class,
)
from oscine.evaluate.ranking import Bools
from oscine.pipeline.decisions import decided_to_plain, source_of
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import make as make_fits
from oscine.pipeline.stages.folds import read_classes, read_folds, recordings

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


class OutOfFold:
    """The out-of-fold scores of one fit, all its folds pooled.

    Args:
        folder: The run.
        stage: pretrain, finetune, baseline or naive.
        folds: Its folds.
    """

    def __init__(self, folder: RunFolder, stage: str, folds: tuple[int, ...]) -> None:
        self.part = "pretrain" if stage == "pretrain" else "target"
        paths = [folder.fit(stage, fold) / "out_of_fold.parquet" for fold in folds]
        tables = [pl.read_parquet(path) for path in paths if path.exists()]
        self.classes: ClassList = read_classes(folder, self.part)
        self.table = pl.concat(tables) if tables else pl.DataFrame()
        if not len(self.table):
            return
        groups = read_folds(folder, self.part).select("recording_id", "group")
        self.table = self.table.join(groups, on="recording_id", how="left", maintain_order="left")
        self.primary = self.classes.index(self.table["primary_label"], self.table["recording_id"])
        self.truth = np.zeros((len(self.table), len(self.classes)), dtype=np.float32)
        self.truth[np.arange(len(self.primary)), self.primary] = 1.0
        self.scores: NDArray[np.float32] = np.array(self.table["scores"].to_list(), np.float32)

    def __len__(self) -> int:
        return len(self.table)

    def known(self) -> Bools:
        """Tell where the truth is known: a secondary label may be in the clip, or beside it."""
        places = {code: place for place, code in enumerate(self.classes.codes)}
        known = np.ones(self.truth.shape, dtype=bool)
        for row, labels in enumerate(self.table["secondary_labels"].to_list()):
            known[row, [places[label] for label in labels or () if label in places]] = False
        known[np.arange(len(self.primary)), self.primary] = True
        return known

    def groups(self) -> list[Any]:
        """Give what each row is resampled with: its group of the folds, even if it was parted."""
        return self.table["group"].to_list()


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
    for first, second in COMPARED:
        if {first, second} <= tables.keys():
            pair = _both(tables[first], tables[second])
            name = f"{first}-{second}"
            metrics.setdefault("compared", {})[name] = len(pair)
            difference = _difference(tables[first], tables[second], pair, recipe)
            metrics.setdefault("difference", {})[name] = difference
    with atomic_path(output / "per_class.parquet") as partial:
        _concat([_per_class(folder, s, t) for s, t in tables.items()]).write_parquet(partial)
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


def _both(first: OutOfFold, second: OutOfFold) -> pl.DataFrame:
    """Find the rows that both scored, in one order: their places in the one and in the other."""
    other = second.table.select("recording_id").with_row_index("other")
    own = first.table.select("recording_id").with_row_index("own")
    return own.join(other, on="recording_id", how="inner", maintain_order="left")


def _difference(
    first: OutOfFold, second: OutOfFold, pair: pl.DataFrame, recipe: Recipe
) -> dict[str, Any]:
    """Compare on the rows that both scored."""
    if pair.is_empty():
        return {}
    own, place = pair["own"].to_numpy(), pair["other"].to_numpy()
    groups = first.groups()
    intervals = bootstrap_differences(
        first.truth[own],
        (first.scores[own], second.scores[place]),
        [groups[row] for row in own],
        recipe.seed,
        recipe.evaluation.bootstrap,
    )
    return {name: value and value.to_plain() for name, value in intervals.items()}


def _per_class(folder: RunFolder, stage: str, table: OutOfFold) -> pl.DataFrame:
    values = per_class(table.truth, table.scores)
    counts = recordings(folder, table.part)["primary_label"].value_counts()
    total = dict(counts.iter_rows())
    validation = table.truth.sum(axis=0).astype(int)
    species = table.classes.species
    return pl.DataFrame(
        {
            "stage": [stage] * len(species),
            "species_code": [one.species_code for one in species],
            "scientific_name": [one.scientific_name for one in species],
            "common_name": [one.common_name for one in species],
            "n_recordings": [total.get(one.species_code, 0) for one in species],
            "n_validation": validation.tolist(),
            "average_precision": values["average_precision"],
            "roc_auc": values["roc_auc"],
        },
        schema_overrides={"scientific_name": pl.String, "common_name": pl.String},
    ).with_columns(pl.col("average_precision", "roc_auc").fill_nan(None))


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
