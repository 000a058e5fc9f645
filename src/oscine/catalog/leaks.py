"""The leak audit: a proof, from the keys themselves, that no split has one group on both sides."""

from __future__ import annotations

import polars as pl

from oscine.catalog.folds import FoldConfig
from oscine.catalog.groups import key_values
from oscine.core import LeakError


def audit_leaks(
    recordings: pl.DataFrame,
    folds: pl.DataFrame,
    config: FoldConfig,
    clusters: pl.DataFrame | None = None,
) -> dict[str, dict[str, int]]:
    """Look for values of a key that stand in several folds.

    The group column is not looked at: the audit does not trust what made the folds. If no value of
    any key is parted, no group is.

    Args:
        recordings: Recordings.
        folds: Their folds (FOLDS).
        config: Which keys must not be parted.
        clusters: Twins by content (CLUSTERS).

    Returns:
        Key -> `groups` (values that several rows share), `rows` (that state the key), `leaks`
        (values in several folds, always in training (-1) being one of them).

    Raises:
        LeakError: There is a leak, or a recording has no fold. A split that is naive by the recipe
            does not fail; its leaks are counted.
    """
    fold = _fold_of(recordings, folds)
    result: dict[str, dict[str, int]] = {}
    for key in config.group_by:
        values = key_values(recordings, key, clusters).alias("value")
        stated = pl.DataFrame([values, fold]).drop_nulls("value")
        shared = stated.group_by("value").agg(pl.len(), n_folds=pl.col("fold").n_unique())
        parted = shared.filter(pl.col("n_folds") > 1)
        if len(parted) and not config.naive:
            raise LeakError(
                f"{len(parted)} values of {key} are on both sides of a split",
                where=parted["value"].min(),
                fix="make the folds again",
            )
        n_groups = len(shared.filter(pl.col("len") > 1))
        result[key] = {"groups": n_groups, "rows": len(stated), "leaks": len(parted)}
    return result


def _fold_of(recordings: pl.DataFrame, folds: pl.DataFrame) -> pl.Series:
    """Look up each recording's fold.

    Raises:
        LeakError: A recording has none.
    """
    known = folds.select("recording_id", "fold")
    joined = recordings.join(known, on="recording_id", how="left", maintain_order="left")
    if n_missing := joined["fold"].null_count():
        raise LeakError(f"{n_missing} recordings have no fold", where="folds")
    return joined["fold"]


def unseen_classes(recordings: pl.DataFrame, folds: pl.DataFrame, fold: int) -> list[str]:
    """List the classes that a fold validates without any row of them in training.

    Their scores say nothing about the model.

    Args:
        recordings: Recordings.
        folds: Their folds (FOLDS).
        fold: Which fold validates.

    Returns:
        Labels, sorted.
    """
    joined = recordings.join(folds.select("recording_id", "fold"), on="recording_id")
    validated = joined.filter(pl.col("fold") == fold)["primary_label"]
    trained = joined.filter(pl.col("fold") != fold)["primary_label"]
    return sorted(set(validated) - set(trained))
