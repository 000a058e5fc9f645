"""What building a catalog left, as tables, and finding a recording in them by any of its names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from oscine.catalog.folds import FoldConfig
from oscine.catalog.groups import key_values
from oscine.catalog.merge import Part
from oscine.core import CatalogError

ENTRY = (
    "recording_id",
    "catalog",
    "part",
    "primary_label",
    "xc_id",
    "filepath",
    "author",
    "license",
)
"""What is known of every row that a catalog had, whether it stayed or left."""

NEAREST = 5
"""How many similar names an error offers."""


@dataclass(frozen=True)
class Ledger:
    """The tables of a built catalog.

    Args:
        roles: Catalog -> the part that it belongs to, in the order of the recipe.
        merged: Recordings of each part after the merge (RECORDINGS).
        final: Recordings of each part that training starts from (RECORDINGS).
        departures: Rows that the merge and the audit took out (DEPARTURES), and `stage`: catalog
            or audit.
        findings: Defects, warnings and label conflicts (FINDINGS).
        audit: What decoding every file told (AUDIT).
        audited: Whether files were decoded; else the audit knows headers at most.
        matches: Pairs of recordings that share audio: recording_id, other, overlap_s (s), share and
            other_share (of each), score; without rows where they were not looked for.
        clusters: Twins that stay because their labels differ (CLUSTERS).
        folds: Folds of each part that has recordings (FOLDS).
        fold_configs: How each part was split.
        steps: The waterfall in its order: stage, step, part, rows, removed.
    """

    roles: Mapping[str, Part]
    merged: Mapping[Part, pl.DataFrame]
    final: Mapping[Part, pl.DataFrame]
    departures: pl.DataFrame
    findings: pl.DataFrame
    audit: pl.DataFrame
    audited: bool
    matches: pl.DataFrame
    clusters: pl.DataFrame
    folds: Mapping[Part, pl.DataFrame]
    fold_configs: Mapping[Part, FoldConfig]
    steps: Sequence[Mapping[str, Any]]

    @cached_property
    def entries(self) -> pl.DataFrame:
        """Every row of every catalog: the columns of ENTRY, and `recording`, which clips share."""
        stayed = [table.with_columns(part=pl.lit(part)) for part, table in self.merged.items()]
        part = pl.col("catalog").replace_strict(dict(self.roles), return_dtype=pl.String)
        left = self.departures.filter(stage="catalog").with_columns(part=part)
        rows = pl.concat([table.select(ENTRY) for table in (*stayed, left)])
        order = pl.col("catalog").replace_strict({name: i for i, name in enumerate(self.roles)})
        rows = rows.sort(order, "recording_id")
        return rows.with_columns(key_values(rows, "recording").alias("recording"))


def find_recordings(ledger: Ledger, name: str) -> list[str]:
    """Find recordings by a name.

    Args:
        ledger: The tables.
        name: An id with or without XC, a recording_id, a file name with or without extension, or
            a path or its last parts.

    Returns:
        Names of recordings (`recording` of `ledger.entries`) in the order of the catalogs;
        several when files of several recordings have the name.

    Raises:
        CatalogError: No row has it; similar names are offered.
    """
    text = name.strip().replace("\\", "/").removeprefix("./")
    ids = [text, f"XC{text}"] if text.isdecimal() else [text]
    path = pl.col("filepath").str.replace_all("\\", "/", literal=True)
    stem = path.str.extract(r"([^/]+?)(?:\.[^./]*)?$")
    found = ledger.entries.filter(
        (pl.col("recording_id") == text)
        | pl.col("recording").str.to_lowercase().is_in([one.lower() for one in ids])
        | pl.col("xc_id").str.to_lowercase().is_in([one.lower() for one in ids])
        | stem.is_in(ids)
        | (path == text)
        | path.str.ends_with(f"/{text}")
    )
    if found.is_empty():
        raise CatalogError(
            f"no catalog of this run has {name!r}", fix=f"the nearest are {_nearest(ledger, ids)}"
        )
    return found["recording"].unique(maintain_order=True).to_list()


def _nearest(ledger: Ledger, ids: Sequence[str]) -> str:
    last = [one.rpartition("/")[2] for one in ids]
    column = pl.col("filepath").str.extract(r"([^/]+)$") if "." in last[0] else pl.col("xc_id")
    known = ledger.entries.select(column.unique().sort()).to_series().to_list()
    ranked = difflib.get_close_matches(last[-1], known, n=NEAREST, cutoff=0.0)
    return ", ".join(ranked)
