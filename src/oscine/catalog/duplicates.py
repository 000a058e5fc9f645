"""One recording under several rows: by key, by content; conflicts of labels are never chosen over.

Row order decides who stays, so that a caller who sorts first gets the same rows from any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.groups import key_values
from oscine.catalog.measured import with_measurements
from oscine.catalog.tables import CLUSTERS, FINDINGS, conform
from oscine.core import Reason

CLIP = ("start_s", "end_s")
"""Two clips of one recording are no duplicates: their bounds are part of every key."""


def by_key(recordings: pl.DataFrame, key: Sequence[str]) -> Outcome:
    """Keep the first of the rows that agree in some columns; empty values agree with each other.

    Args:
        recordings: Recordings; earlier rows win.
        key: Columns, such as ("xc_id", "primary_label", "author").

    Returns:
        What stays, and what left with Reason.DUPLICATE_KEY.

    Source: the reference recipe's drop of duplicates.
    """
    table = _with_first(recordings, [*key, *(name for name in CLIP if name not in key)])
    first = pl.col("__first")
    detail = pl.format("same as {}", first)
    return depart(table, first.is_not_null(), Reason.DUPLICATE_KEY, detail, first)


def _with_first(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Name, in `__first`, the first row that agrees in some columns; null for that row itself."""
    narrow = table.select("recording_id", *columns)
    is_first = narrow.select(pl.struct(columns).is_first_distinct()).to_series()
    # Few rows repeat another: only what may equal them is joined, not the whole table.
    again = narrow.filter(~is_first)
    near = again.select(columns[0]).unique()
    firsts = narrow.filter(is_first).join(near, on=columns[0], how="semi", nulls_equal=True)
    firsts = firsts.rename({"recording_id": "__first"})
    pairs = again.join(firsts, on=columns, nulls_equal=True).select("recording_id", "__first")
    return table.join(pairs, on="recording_id", how="left", maintain_order="left")


def drop_overlap(pretrain: pl.DataFrame, target: pl.DataFrame) -> Outcome:
    """Take out of pretraining the recordings that the target catalogs hold too, whole or in clips.

    Recordings are compared as the folds do it: `XC1_1` and `XC1_2` are clips of XC1.

    Args:
        pretrain: Recordings for pretraining.
        target: Recordings of the target catalogs; they stay.

    Returns:
        What stays in pretraining, and what left with Reason.TARGET_OVERLAP.
    """
    ours, theirs = (
        table.with_columns(key_values(table, "recording").alias("__recording"))
        for table in (pretrain, target)
    )
    return _drop_shared(ours, theirs, "__recording")


def overlap_by_bytes(pretrain: pl.DataFrame, target: pl.DataFrame, audit: pl.DataFrame) -> Outcome:
    """Take out of pretraining the files that are byte-identical to one of the target.

    Args:
        pretrain: Recordings for pretraining.
        target: Recordings of the target catalogs; they stay.
        audit: The audit of both (AUDIT).

    Returns:
        What stays in pretraining, and what left with Reason.TARGET_OVERLAP.
    """
    return _drop_shared(
        with_measurements(pretrain, audit), with_measurements(target, audit), "content_hash"
    )


def _drop_shared(pretrain: pl.DataFrame, target: pl.DataFrame, column: str) -> Outcome:
    shared = pretrain[column].filter(pretrain[column].is_in(target[column].implode())).drop_nulls()
    seen = target.filter(pl.col(column).is_in(shared.implode()))
    first = seen.group_by(column).agg(__twin=pl.col("recording_id").min())
    table = pretrain.join(first, on=column, how="left", maintain_order="left")
    twin = pl.col("__twin")
    detail = pl.format("same as {}", twin)
    return depart(table, twin.is_not_null(), Reason.TARGET_OVERLAP, detail, twin)


@dataclass(frozen=True)
class ByteDuplicates:
    """What comparing files byte for byte found.

    Args:
        kept: Recordings that stay.
        departures: Twins under the same label that left (DEPARTURES).
        conflicts: Twins under different labels (FINDINGS); they stay.
        clusters: What the twins that stay share (CLUSTERS), so that folds keep them together.
    """

    kept: pl.DataFrame
    departures: pl.DataFrame
    conflicts: pl.DataFrame
    clusters: pl.DataFrame

    @property
    def outcome(self) -> Outcome:
        """What stays and what left."""
        return Outcome(self.kept, self.departures)


def by_bytes(recordings: pl.DataFrame, audit: pl.DataFrame) -> ByteDuplicates:
    """Keep the first of byte-identical files under one label; under several labels all stay.

    Args:
        recordings: Recordings; earlier rows win.
        audit: Their audit (AUDIT); a file without a hash has no twin.

    Returns:
        What stays, what left with Reason.DUPLICATE_BYTES, the conflicts and the clusters.
    """
    hashed = with_measurements(recordings, audit)
    known, first = pl.col("content_hash").is_not_null(), pl.col("__first")
    outcome = depart(
        _with_first(hashed, ["content_hash", "primary_label", *CLIP]),
        known & first.is_not_null(),
        Reason.DUPLICATE_BYTES,
        pl.format("same bytes as {}", first),
        first,
    )
    kept = hashed.join(outcome.kept.select("recording_id"), on="recording_id", how="semi")
    # Clips of one file share its bytes, and are no twins for that.
    n_recordings = pl.struct("filepath", "xc_id").n_unique().over("content_hash")
    same_stretch = pl.struct("content_hash", *CLIP).is_duplicated()
    twins = kept.filter(known & ((n_recordings > 1) | same_stretch))
    clusters = conform(twins.with_columns(cluster="content_hash"), CLUSTERS)
    return ByteDuplicates(
        outcome.kept, outcome.departures, label_conflicts(twins, "content_hash"), clusters
    )


def label_conflicts(recordings: pl.DataFrame, column: str = "xc_id") -> pl.DataFrame:
    """Find the same recording under different labels.

    Two rows that each name the other's label as secondary agree: both species are heard.

    Args:
        recordings: Recordings, with the column that identifies a recording.
        column: That column: "xc_id", or "content_hash".

    Returns:
        One finding a row of a conflict (FINDINGS), not quarantined; ordered by the identity.
    """
    same = [column, *CLIP]
    narrow = recordings.select(
        "recording_id", "filepath", "primary_label", "secondary_labels", *same
    )
    repeated = narrow.filter(pl.col(column).is_duplicated())
    labels = repeated.group_by(same).agg(__labels=pl.col("primary_label").unique().sort())
    several = labels.filter(pl.col("__labels").list.len() > 1)
    rows = repeated.join(several, on=same, nulls_equal=True)
    voices = pl.concat_list("primary_label", "secondary_labels")
    disagrees = pl.col("__labels").list.set_difference(voices).list.len() > 0
    conflicts = rows.filter(disagrees.any().over(same))
    detail = pl.format("{} stands as {}", column, pl.col("__labels").list.join(", "))
    return conform(
        conflicts.sort(column, "recording_id").with_columns(
            reason=pl.lit(Reason.LABEL_CONFLICT.value),
            quarantined=pl.lit(False),
            detail=detail,
        ),
        FINDINGS,
    )
