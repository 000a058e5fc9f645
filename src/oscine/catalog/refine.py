"""What the audit takes out of merged catalogs: defective files, twins, classes that became rare."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from oscine.catalog.audit import quarantine
from oscine.catalog.departures import Outcome, gather
from oscine.catalog.duplicates import by_bytes, overlap_by_bytes
from oscine.catalog.merge import PARTS, Merged, drop_rare
from oscine.catalog.same_audio import by_audio, overlap_by_audio, unite
from oscine.catalog.tables import CLUSTERS, empty
from oscine.core import Reason


@dataclass(frozen=True)
class Audited:
    """Merged catalogs after the audit.

    Args:
        merged: The tables and the account, continued.
        clusters: Recordings that share audio and stay (CLUSTERS); for the folds.
    """

    merged: Merged
    clusters: pl.DataFrame


def apply_audit(
    merged: Merged,
    audit: pl.DataFrame,
    findings: pl.DataFrame,
    matches: pl.DataFrame,
    drop_target_overlap: bool = True,
) -> Audited:
    """Take out what the audit found.

    Args:
        merged: As `merge_catalogs` gives it.
        audit: The audit of both parts (AUDIT).
        findings: As `judge` gives them.
        matches: Recordings of both parts that share audio (MATCHES).
        drop_target_overlap: Whether audio that the target holds too leaves pretraining.

    Returns:
        The tables and the account after quarantine, overlap by bytes and by audio, duplicates by
        bytes and by audio, and the classes that became rare.
    """
    clusters, conflicts = [empty(CLUSTERS)], [merged.conflicts]
    for part in PARTS:
        merged = merged.after("audit", part, quarantine(merged.part(part), findings))
    if drop_target_overlap:
        outcome = _overlap(merged, audit, matches)
        merged = merged.after(Reason.TARGET_OVERLAP.value, "pretrain", outcome)
    for part in PARTS:
        twins = by_bytes(merged.part(part), audit)
        merged = merged.after(Reason.DUPLICATE_BYTES.value, part, twins.outcome)
        clusters.append(twins.clusters)
        copies = by_audio(merged.part(part), matches)
        merged = merged.after(Reason.DUPLICATE_AUDIO.value, part, copies.outcome)
        conflicts += [twins.conflicts, copies.conflicts]
        outcome = drop_rare(merged.part(part), merged.min_recordings)
        merged = merged.after(Reason.RARE_CLASS.value, part, outcome)
    stay = pl.concat([merged.pretrain, merged.target]).select("recording_id")
    return Audited(
        replace(merged, conflicts=pl.concat(conflicts).join(stay, on="recording_id", how="semi")),
        _of_several(unite(pl.concat(clusters), matches).join(stay, on="recording_id", how="semi")),
    )


def _overlap(merged: Merged, audit: pl.DataFrame, matches: pl.DataFrame) -> Outcome:
    """Take out of pretraining what the target holds too, by bytes and then by audio."""
    bytewise = overlap_by_bytes(merged.pretrain, merged.target, audit)
    by_ear = overlap_by_audio(bytewise.kept, merged.target, matches)
    return Outcome(by_ear.kept, gather(bytewise.departures, by_ear.departures))


def _of_several(clusters: pl.DataFrame) -> pl.DataFrame:
    """Leave out clusters of which one member is left; name the others by who is left."""
    several = clusters.filter(pl.len().over("cluster") > 1)
    return several.with_columns(cluster=pl.col("recording_id").min().over("cluster"))
