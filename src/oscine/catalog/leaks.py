"""The leak audit: a proof, from the keys themselves, that no split has one group on both sides.

Within a part, between its folds; and across the parts, between what a fold of the target validates
and what pretraining has heard.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from oscine.catalog.folds import FoldConfig
from oscine.catalog.groups import GroupKey, key_values
from oscine.core import LeakError

ACROSS: tuple[GroupKey, ...] = ("recording", "duplicate", "recordist", "site")
"""Keys by which the parts are compared."""


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


def audit_across(
    pretrain: pl.DataFrame,
    target: pl.DataFrame,
    folds: pl.DataFrame,
    twins: pl.DataFrame,
    forbidden: Collection[GroupKey] = ("recording", "duplicate"),
) -> dict[str, dict[str, dict[str, float]]]:
    """Count what each fold of the target validates and pretraining has heard.

    Args:
        pretrain: Recordings for pretraining.
        target: Recordings of the target.
        folds: The target's folds (FOLDS).
        twins: What recordings of both parts share by content: recording_id, cluster; a recording
            may have several.
        forbidden: Keys of which nothing may be heard before it is validated.

    Returns:
        Fold -> key -> `groups` (values in pretraining and in the fold), `rows` (of the fold with
        such a value), `share` (of the fold's rows, 0 to 1).

    Raises:
        LeakError: Pretraining has heard a value of a forbidden key, or a recording has no fold.
    """
    validated = target.with_columns(_fold_of(target, folds)).filter(pl.col("fold") >= 0)
    sizes = dict(validated["fold"].value_counts().sort("fold").iter_rows())
    result: dict[str, dict[str, dict[str, float]]] = {str(fold): {} for fold in sizes}
    for key in ACROSS:
        heard = _stated(pretrain, key, twins)
        found = _stated(validated, key, twins).join(heard, on="value", how="semi")
        if len(found) and key in forbidden:
            raise LeakError(
                f"pretraining has heard {found['value'].n_unique()} values of {key} that the "
                "target validates",
                where=found["value"].min(),
                fix="merge again; what the target holds must leave pretraining",
            )
        where = found.join(validated.select("recording_id", "fold"), on="recording_id")
        counts = where.group_by("fold").agg(
            pl.col("value").n_unique(), pl.col("recording_id").n_unique()
        )
        known = {fold: (groups, rows) for fold, groups, rows in counts.iter_rows()}
        for fold, size in sizes.items():
            groups, rows = known.get(fold, (0, 0))
            result[str(fold)][key] = {"groups": groups, "rows": rows, "share": rows / size}
    return result


def _stated(recordings: pl.DataFrame, key: GroupKey, twins: pl.DataFrame) -> pl.DataFrame:
    """List recording_id and value of the rows that state a key."""
    if key == "duplicate":
        own = twins.select("recording_id", value="cluster").drop_nulls().unique()
        return own.join(recordings.select("recording_id"), on="recording_id", how="semi")
    values = key_values(recordings, key).alias("value")
    return pl.DataFrame([recordings["recording_id"], values]).drop_nulls("value")


def unseen_classes(recordings: pl.DataFrame, folds: pl.DataFrame) -> dict[int, list[str]]:
    """List the classes that a fold validates without any row of them in training.

    Their scores say nothing about the model.

    Args:
        recordings: Recordings.
        folds: Their folds (FOLDS).

    Returns:
        Fold -> labels, sorted; folds without such a class are left out.
    """
    placed = pl.DataFrame([recordings["primary_label"], _fold_of(recordings, folds)])
    classes = placed.group_by("primary_label").agg(
        pl.col("fold").first(), n_folds=pl.col("fold").n_unique()
    )
    lone = classes.filter((pl.col("n_folds") == 1) & (pl.col("fold") >= 0))
    by_fold = lone.group_by("fold").agg(pl.col("primary_label").sort()).sort("fold")
    return dict(by_fold.iter_rows())
