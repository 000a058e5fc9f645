"""What the audit takes out of merged catalogs: defective files, twins, classes that became rare."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from oscine.catalog.audit import quarantine
from oscine.catalog.duplicates import by_bytes, overlap_by_bytes
from oscine.catalog.merge import PARTS, Merged, drop_rare
from oscine.catalog.tables import CLUSTERS, empty
from oscine.core import Reason


@dataclass(frozen=True)
class Audited:
    """Merged catalogs after the audit.

    Args:
        merged: The tables and the account, continued.
        clusters: Twins that stay because their labels differ (CLUSTERS); for the folds.
    """

    merged: Merged
    clusters: pl.DataFrame


def apply_audit(
    merged: Merged, audit: pl.DataFrame, findings: pl.DataFrame, drop_target_overlap: bool = True
) -> Audited:
    """Take out what the audit found.

    Args:
        merged: As `merge_catalogs` gives it.
        audit: The audit of both parts (AUDIT).
        findings: As `judge` gives them.
        drop_target_overlap: Whether files that the target holds too leave pretraining.

    Returns:
        The tables and the account after quarantine, duplicates by bytes, overlap by bytes, and the
        classes that became rare.
    """
    clusters, conflicts = [empty(CLUSTERS)], [merged.conflicts]
    for part in PARTS:
        merged = merged.after("audit", part, quarantine(merged.part(part), findings))
    if drop_target_overlap:
        outcome = overlap_by_bytes(merged.pretrain, merged.target, audit)
        merged = merged.after(Reason.TARGET_OVERLAP.value, "pretrain", outcome)
    for part in PARTS:
        twins = by_bytes(merged.part(part), audit)
        merged = merged.after(Reason.DUPLICATE_BYTES.value, part, twins.outcome)
        clusters.append(twins.clusters)
        conflicts.append(twins.conflicts)
        outcome = drop_rare(merged.part(part), merged.min_recordings)
        merged = merged.after(Reason.RARE_CLASS.value, part, outcome)
    stay = pl.concat([merged.pretrain, merged.target]).select("recording_id")
    return Audited(
        replace(merged, conflicts=pl.concat(conflicts).join(stay, on="recording_id", how="semi")),
        pl.concat(clusters).join(stay, on="recording_id", how="semi"),
    )
