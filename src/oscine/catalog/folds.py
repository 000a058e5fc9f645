"""Cross-validation without leaks: stratified folds of whole groups, and the split of one fold.

Classes with fewer rows than `cv_filter` are always in training, and with them their whole groups:
else the recordist of a rare species would stand on both sides.

Stratified means: by the primary label, and with less weight by the secondary labels, as far as they
are classes. Which classes are validated at all is decided by rows of the primary label alone.

Source: the reference recipe's `filter`; `oscine.catalog.dealing` for the dealing itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from oscine.catalog.balance import TrainingPart
from oscine.catalog.dealing import Bundles, deal
from oscine.catalog.groups import GroupKey, components, key_values
from oscine.catalog.tables import FOLDS, conform
from oscine.config import Config
from oscine.core import CatalogError, generator

log = logging.getLogger("oscine")


class FoldConfig(Config):
    """How recordings are split for cross-validation."""

    n_folds: int = Field(5, ge=2)
    """How many folds."""
    selected: tuple[int, ...] = Field((0,), min_length=1)
    """Which folds are trained and validated."""
    group_by: tuple[GroupKey, ...] = ("recording", "recordist", "duplicate")
    """Rows that share any of these are never on both sides."""
    cv_filter: int = Field(5, ge=0)
    """Classes with fewer rows are always in training; 0 switches this off."""
    naive: bool = False
    """Whether groups are ignored: only to show how much a leaking split flatters the scores."""

    @model_validator(mode="after")
    def _selected_exist(self) -> FoldConfig:
        bad = [fold for fold in self.selected if not 0 <= fold < self.n_folds]
        if bad or len(set(self.selected)) < len(self.selected):
            raise ValueError(f"selected: give different folds from 0 to {self.n_folds - 1}")
        return self


def make_folds(
    recordings: pl.DataFrame, config: FoldConfig, seed: int, clusters: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Assign each recording to the fold that validates it.

    Args:
        recordings: Recordings of one part; their order does not matter.
        config: How many folds, and what is kept together.
        seed: Breaks ties between equal groups.
        clusters: Twins by content (CLUSTERS).

    Returns:
        One row a recording, in the order given (FOLDS); fold -1 is always in training: rare
        classes, classes that are one single group (no split could both train and validate them),
        and the rows of their groups.

    Raises:
        CatalogError: No row is left to validate.
    """
    order = recordings["recording_id"].arg_sort()
    rows = recordings[order]
    keys = [] if config.naive else [key_values(rows, key, clusters) for key in config.group_by]
    root = components(keys, len(rows))
    classes = rows["primary_label"].rank("dense").cast(pl.Int64).to_numpy() - 1
    held = _always_training(root, classes, config.cv_filter)
    fold = np.full(len(rows), -1, dtype=np.int64)
    if held.all():
        raise CatalogError(
            f"every one of {len(rows)} rows would always be in training",
            where="folds",
            fix=f"lower cv_filter ({config.cv_filter}), or group by less",
        )
    bundles = Bundles.of(root[~held], classes[~held], _secondary(rows, classes, ~held))
    fold[~held] = deal(bundles, config.n_folds, generator(seed, "folds"))
    _report_held(rows, held)
    ids = rows["recording_id"]
    table = pl.DataFrame([ids, ids.gather(pl.Series(root)).alias("group")])
    table = table.with_columns(fold=pl.Series(fold), cv=pl.Series(fold >= 0))
    return conform(table[order.arg_sort()], FOLDS)


def _secondary(
    rows: pl.DataFrame, classes: NDArray[np.int64], dealt: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the rows and classes of the dealt rows' secondary labels that are classes, once each."""
    labelled = rows.select(label="primary_label", behind="secondary_labels")
    labelled = labelled.with_columns(number=pl.Series(classes))
    numbers = labelled.select("label", behind_number="number").unique()
    pairs = (
        labelled.filter(dealt)
        .with_row_index("row")
        .explode("behind")
        .join(numbers, left_on="behind", right_on="label")
        .filter(pl.col("behind_number") != pl.col("number"))
        .select(pl.col("row").cast(pl.Int64), "behind_number")
        .unique()
    )
    return pairs["row"].to_numpy(), pairs["behind_number"].to_numpy()


def _always_training(
    root: NDArray[np.int64], classes: NDArray[np.int64], cv_filter: int
) -> NDArray[np.bool_]:
    """Find the rows whose group holds a rare class, or a class that is one single group."""
    counts = np.bincount(classes)
    pairs = np.unique(classes * len(root) + root)
    n_groups = np.bincount(pairs // max(1, len(root)), minlength=len(counts))
    unfit = (counts < cv_filter) | (n_groups < 2)
    held_groups = np.zeros(len(root), dtype=np.bool_)
    held_groups[root[unfit[classes]]] = True
    return held_groups[root]


def _report_held(rows: pl.DataFrame, held: NDArray[np.bool_]) -> None:
    """Say when always-training groups cost much: validation then sees less of the catalog."""
    share = float(held.mean())
    labels = rows["primary_label"]
    n_lost = labels.n_unique() - labels.filter(pl.Series(~held)).n_unique()
    level = logging.WARNING if share > 0.1 else logging.INFO
    log.log(
        level,
        "folds: %d of %d rows (%.0f %%) are always in training; %d of %d classes are not validated",
        held.sum(),
        len(rows),
        100 * share,
        n_lost,
        labels.n_unique(),
    )


@dataclass(frozen=True)
class Split:
    """One fold's two sides.

    Args:
        training: What is fitted; only this can be resampled.
        validation: What is scored, never resampled.
    """

    training: TrainingPart
    validation: pl.DataFrame


def split(recordings: pl.DataFrame, folds: pl.DataFrame, fold: int) -> Split:
    """Split recordings into the two sides of a fold.

    Args:
        recordings: The recordings that the folds were made of.
        folds: As `make_folds` gives them (FOLDS).
        fold: Which fold validates.

    Returns:
        The two sides, each in the order of `recordings`.

    Raises:
        CatalogError: The fold is empty, or some recording has none.
    """
    joined = recordings.join(
        folds.select("recording_id", "fold"), on="recording_id", how="left", maintain_order="left"
    )
    if joined["fold"].null_count():
        raise CatalogError(
            f"{joined['fold'].null_count()} recordings have no fold",
            where="folds",
            fix="make the folds again",
        )
    validation = joined.filter(pl.col("fold") == fold).drop("fold")
    if validation.is_empty():
        raise CatalogError(f"fold {fold} has no rows to validate", where="folds")
    training = joined.filter(pl.col("fold") != fold).drop("fold")
    held_out = frozenset(validation["recording_id"].to_list())
    return Split(TrainingPart(training, held_out), validation)
