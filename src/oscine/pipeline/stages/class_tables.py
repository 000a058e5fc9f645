"""Tables of the evaluation by class: average precision of each, and of those equally common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.evaluate import ClassDraws, by_frequency, per_class
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.stages.folds import recordings
from oscine.pipeline.stages.out_of_fold import OutOfFold, Pair

BIN = {
    "stage": pl.String,
    "fewest": pl.Int64,
    "most": pl.Int64,
    "n_classes": pl.Int64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
"""Columns of `by_frequency.parquet`; `stage` is a fit, or two whose difference the row has."""


def class_tables(
    folder: RunFolder, tables: Mapping[str, OutOfFold], pairs: Mapping[str, Pair]
) -> dict[str, pl.DataFrame]:
    """Make the tables of classes, and of bins of classes by how common they are.

    Args:
        folder: The run.
        tables: Out-of-fold scores of each fit.
        pairs: Fits that are compared, by their names with a hyphen between.

    Returns:
        `per_class` and `by_frequency`.
    """
    seed, config = folder.recipe.seed, folder.recipe.evaluation.bootstrap
    classes, bins = [], []
    for stage, table in tables.items():
        draws = ClassDraws.of(table.truth, table.scores, table.groups(), seed, config)
        counts = _counts(folder, table)
        classes.append(_per_class(stage, table, counts, draws))
        bins += [{"stage": stage} | row for row in by_frequency(draws, counts)]
    for name, pair in pairs.items():
        if not len(pair.truth):
            continue
        one, two = (
            ClassDraws.of(pair.truth, scores, pair.groups, seed, config) for scores in pair.scores
        )
        counts = _counts(folder, tables[name.partition("-")[0]])
        bins += [{"stage": name} | row for row in by_frequency(one.minus(two), counts)]
    return {
        "per_class": pl.concat(classes) if classes else pl.DataFrame(),
        "by_frequency": pl.DataFrame(bins, schema=BIN),
    }


def _counts(folder: RunFolder, table: OutOfFold) -> NDArray[np.int64]:
    """Count the recordings of each class in the catalog."""
    total = dict(recordings(folder, table.part)["primary_label"].value_counts().iter_rows())
    return np.array([total.get(code, 0) for code in table.classes.codes], dtype=np.int64)


def _per_class(
    stage: str, table: OutOfFold, counts: NDArray[np.int64], draws: ClassDraws
) -> pl.DataFrame:
    values = per_class(table.truth, table.scores)
    ends = [draws.interval(place) for place in range(len(counts))]
    species = table.classes.species
    columns: dict[str, Any] = {
        "stage": [stage] * len(species),
        "species_code": [one.species_code for one in species],
        "scientific_name": [one.scientific_name for one in species],
        "common_name": [one.common_name for one in species],
        "n_recordings": counts,
        "n_validation": table.truth.sum(axis=0).astype(int).tolist(),
        "average_precision": values["average_precision"],
        "average_precision_low": [one and one.low for one in ends],
        "average_precision_high": [one and one.high for one in ends],
        "roc_auc": values["roc_auc"],
    }
    numbers = ("average_precision_low", "average_precision_high")
    schema = dict.fromkeys(("scientific_name", "common_name"), pl.String)
    return pl.DataFrame(
        columns, schema_overrides=schema | dict.fromkeys(numbers, pl.Float64)
    ).with_columns(pl.col("average_precision", "roc_auc").fill_nan(None))
