"""What follows from shared audio: duplicates leave, overlaps stay together, conflicts are told.

Nothing is chosen between labels: only a recording whose audio stands whole under its own label in
another one leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.tables import CLUSTERS, FINDINGS, conform
from oscine.core import Reason

WHOLE = 0.95
"""A recording that shares this much of itself is contained in the other: codecs pad, and an offset
is known to within a few milliseconds."""

THROUGHOUT = 0.3
"""Each piece of it must correlate by this much too: else one of the two was edited, and has audio
of its own."""


@dataclass(frozen=True)
class AudioDuplicates:
    """What comparing recordings by their audio found.

    Args:
        kept: Recordings that stay.
        departures: Recordings whose audio another one of their label holds (DEPARTURES).
        conflicts: Shared audio under different labels (FINDINGS); those recordings stay.
    """

    kept: pl.DataFrame
    departures: pl.DataFrame
    conflicts: pl.DataFrame

    @property
    def outcome(self) -> Outcome:
        """What stays and what left."""
        return Outcome(self.kept, self.departures)


def by_audio(recordings: pl.DataFrame, matches: pl.DataFrame) -> AudioDuplicates:
    """Keep one of the recordings of a label that hold the same audio, and no cut of it.

    Of two that are the same from end to end the earlier row stays, else the longer recording.

    Args:
        recordings: Recordings of one part; earlier rows win.
        matches: Pairs that share audio (MATCHES); pairs with other recordings are ignored.

    Returns:
        What stays, what left with Reason.DUPLICATE_AUDIO, and the conflicts of labels.
    """
    rows = recordings.select(
        "recording_id", "filepath", label="primary_label", place=pl.int_range(pl.len())
    )
    pairs = both_ways(matches).join(rows, on="recording_id")
    pairs = pairs.join(
        rows.select(other="recording_id", other_label="label", other_place="place"), on="other"
    )
    agree = pl.col("label") == pl.col("other_label")
    table = recordings.join(
        _containers(pairs.filter(agree)), on="recording_id", how="left", maintain_order="left"
    )
    outcome = depart(
        table,
        pl.col("__where").is_not_null(),
        Reason.DUPLICATE_AUDIO,
        pl.col("__where"),
        pl.col("other"),
    )
    return AudioDuplicates(outcome.kept, outcome.departures, _conflicts(pairs.filter(~agree)))


def both_ways(matches: pl.DataFrame) -> pl.DataFrame:
    """Give each pair from either side, with `__where`: a text that says where the audio stands.

    Args:
        matches: Pairs that share audio (MATCHES).

    Returns:
        The columns of MATCHES and `__where`, twice as many rows, by `recording_id` and `other`.
    """
    turned = matches.with_columns(
        recording_id="other",
        other="recording_id",
        offset_s=-pl.col("offset_s"),
        share="other_share",
        other_share="share",
    )
    both = pl.concat([matches, turned]).sort("recording_id", "other")
    start = pl.max_horizontal(-pl.col("offset_s"), 0.0)
    where = pl.format(
        "seconds {}-{} of {}, {} % of this one; correlation {}",
        start.round(2),
        (start + pl.col("overlap_s")).round(2),
        "other",
        (100 * pl.col("share")).round().cast(pl.Int64),
        pl.col("score").round(2),
    )
    return both.with_columns(__where=where)


def _containers(pairs: pl.DataFrame) -> pl.DataFrame:
    """Name, for each recording that leaves, the one that holds its audio.

    "Strictly within a longer one" runs in no circle, so every chain of it ends at a recording that
    is within none; of those that are the same as each other the first stays. So what leaves is
    always held by something that stays.
    """
    held = pairs.filter(pl.col("share") >= WHOLE, pl.col("least_score") >= THROUGHOUT)
    same = held.filter(pl.col("other_share") >= WHOLE)
    cuts = held.filter(pl.col("other_share") < WHOLE)
    left = set(cuts["recording_id"])
    for row, other in same.sort("place", "other_place").select("recording_id", "other").rows():
        if row not in left and other not in left:
            left |= {other}
    gone = pl.Series(sorted(left), dtype=pl.String).implode()
    leaving = held.filter(pl.col("recording_id").is_in(gone))
    # The best to name is one that stays, then the one that holds the most of it.
    return (
        leaving.with_columns(__gone=pl.col("other").is_in(gone))
        .sort("recording_id", "__gone", "share", "other", descending=[False, False, True, False])
        .unique("recording_id", keep="first", maintain_order=True)
        .select("recording_id", "other", "__where")
    )


def _conflicts(pairs: pl.DataFrame) -> pl.DataFrame:
    detail = pl.format("stands as {}, and as {} in {}", "label", "other_label", "__where")
    findings = pairs.sort("recording_id", "other").with_columns(
        reason=pl.lit(Reason.LABEL_CONFLICT.value), quarantined=pl.lit(False), detail=detail
    )
    return conform(findings, FINDINGS)


def overlap_by_audio(
    pretrain: pl.DataFrame, target: pl.DataFrame, matches: pl.DataFrame
) -> Outcome:
    """Take out of pretraining the recordings that share audio with the target, whole or in part.

    Args:
        pretrain: Recordings for pretraining.
        target: Recordings of the target catalogs; they stay.
        matches: Pairs that share audio (MATCHES).

    Returns:
        What stays in pretraining, and what left with Reason.TARGET_OVERLAP.
    """
    shared = both_ways(matches).join(target.select(other="recording_id"), on="other", how="semi")
    longest = shared.sort("overlap_s", "other", descending=[True, False]).unique(
        "recording_id", keep="first", maintain_order=True
    )
    table = pretrain.join(
        longest.select("recording_id", "other", "__where"),
        on="recording_id",
        how="left",
        maintain_order="left",
    )
    where = pl.col("__where")
    return depart(table, where.is_not_null(), Reason.TARGET_OVERLAP, where, pl.col("other"))


def unite(clusters: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Make one cluster of all recordings that share audio, also by way of others.

    Two cuts of one recording belong together although they hold nothing in common.

    Args:
        clusters: Clusters of byte-identical files (CLUSTERS).
        matches: Pairs that share audio (MATCHES), of whatever recordings, those that left included.

    Returns:
        One row a recording (CLUSTERS), by recording_id; a cluster has its least member's name.
    """
    links = list(matches.select("recording_id", "other").iter_rows())
    for members in clusters.group_by("cluster").agg("recording_id")["recording_id"].to_list():
        links += [(members[0], member) for member in members[1:]]
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in links:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    named = {"recording_id": sorted(parent), "cluster": [root(node) for node in sorted(parent)]}
    return conform(pl.DataFrame(named, schema=dict.fromkeys(named, pl.String)), CLUSTERS)
