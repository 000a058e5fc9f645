"""What a recordings table holds, counted: the numbers behind the report's tables and bars."""

from __future__ import annotations

from typing import Any

import polars as pl

from oscine.catalog.ledger import Ledger
from oscine.catalog.licenses import license_counts
from oscine.catalog.merge import PARTS, Part
from oscine.core import Reason

FIRST_COLUMNS = (
    "filename",
    "filepath",
    "primary_label",
    "secondary_labels",
    "rating",
    "author",
    "file_type",
    "xc_id",
    "scientific_name",
    "common_name",
    "birdclef",
    "bird_seen",
)
"""The columns that the reference recipe shows."""


def counts_by_catalog(recordings: pl.DataFrame) -> pl.DataFrame:
    """Count by catalog.

    Returns:
        Columns catalog, birdclef, recordings, classes, recordists; by catalog.
    """
    return (
        recordings.group_by("catalog", "birdclef")
        .agg(
            recordings=pl.len(),
            classes=pl.col("primary_label").n_unique(),
            recordists=pl.col("author").drop_nulls().n_unique(),
        )
        .sort("catalog", "birdclef")
    )


def counts_by_class(recordings: pl.DataFrame) -> pl.DataFrame:
    """Count by class.

    Returns:
        Columns primary_label, recordings, recordists, secondary (rows of others that hear it
        too); the most frequent first.
    """
    secondary = recordings.select(primary_label=pl.col("secondary_labels").explode()).drop_nulls()
    heard = secondary.group_by("primary_label").agg(secondary=pl.len())
    return (
        recordings.group_by("primary_label")
        .agg(recordings=pl.len(), recordists=pl.col("author").drop_nulls().n_unique())
        .join(heard, on="primary_label", how="left")
        .with_columns(pl.col("secondary").fill_null(0))
        .sort("recordings", "primary_label", descending=[True, False])
    )


def first_rows(recordings: pl.DataFrame, n_rows: int = 5) -> pl.DataFrame:
    """Give the first rows with the columns that are worth showing.

    Args:
        recordings: Recordings.
        n_rows: How many.
    """
    return recordings.select(FIRST_COLUMNS).head(n_rows)


def account(ledger: Ledger) -> dict[str, Any]:
    """Account for every row of a built catalog, from what the sources had to what training gets.

    Args:
        ledger: The tables of the built catalog.

    Returns:
        JSON-ready: `catalogs` (rows read and kept of each), `waterfall` (of each part: stage, step,
        rows after it, removed by it), `departures` (of each part: reason -> rows), `final` (of
        each part: rows, classes, recordists, licences), `folds` (of each part: rows that each
        fold validates, rows always in training), `conflicts` (recordings under several labels),
        `findings` (reason -> rows, quarantined), `audited`.
    """
    return {
        "audited": ledger.audited,
        "catalogs": _catalogs(ledger),
        "waterfall": {part: _waterfall(ledger, part) for part in PARTS},
        "departures": {part: _reasons(ledger, part) for part in PARTS},
        "final": {part: _final(ledger.final[part]) for part in PARTS},
        "folds": {part: _folds(folds) for part, folds in ledger.folds.items()},
        "conflicts": _conflicts(ledger.findings),
        "findings": _findings(ledger.findings),
    }


def _catalogs(ledger: Ledger) -> list[dict[str, Any]]:
    kept = counts_by_catalog(pl.concat(ledger.final.values())).drop("birdclef")
    known = {row["catalog"]: row for row in kept.iter_rows(named=True)}
    read = {step["part"]: step["rows"] for step in ledger.steps if step["step"] == "read"}
    nothing = dict.fromkeys(("recordings", "classes", "recordists"), 0)
    return [
        {"catalog": name, "part": part, "read": read[name]} | (known.get(name) or nothing)
        for name, part in ledger.roles.items()
    ]


def _waterfall(ledger: Ledger, part: Part) -> list[dict[str, Any]]:
    """Without an audit its steps looked at nothing: they are left out."""
    return [
        {name: step[name] for name in ("stage", "step", "rows", "removed")}
        for step in ledger.steps
        if step["part"] == part and (ledger.audited or step["stage"] != "audit")
    ]


def _reasons(ledger: Ledger, part: Part) -> dict[str, int]:
    own = [name for name, role in ledger.roles.items() if role == part]
    reasons = ledger.departures.filter(pl.col("catalog").is_in(own))["reason"]
    return dict(reasons.value_counts().sort("reason").iter_rows())


def _final(recordings: pl.DataFrame) -> dict[str, Any]:
    return {
        "rows": len(recordings),
        "classes": recordings["primary_label"].n_unique(),
        "recordists": recordings["author"].drop_nulls().n_unique(),
        "licenses": dict(license_counts(recordings).select("license", "recordings").iter_rows()),
    }


def _folds(folds: pl.DataFrame) -> dict[str, Any]:
    validated = folds.filter(pl.col("fold") >= 0)["fold"].value_counts().sort("fold")
    return {
        "validated": validated["count"].to_list(),
        "always_training": len(folds) - int(validated["count"].sum()),
        "groups": folds["group"].n_unique(),
    }


def _conflicts(findings: pl.DataFrame) -> list[dict[str, Any]]:
    rows = findings.filter(reason=Reason.LABEL_CONFLICT.value)
    same = rows.group_by("detail").agg(recording_ids=pl.col("recording_id").sort())
    return same.sort("detail").to_dicts()


def _findings(findings: pl.DataFrame) -> dict[str, dict[str, int]]:
    counts = findings.group_by("reason").agg(
        rows=pl.len(), quarantined=pl.col("quarantined").cast(pl.Int64).sum()
    )
    return {
        row["reason"]: {"rows": row["rows"], "quarantined": row["quarantined"]}
        for row in counts.sort("reason").iter_rows(named=True)
    }
