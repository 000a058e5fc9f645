"""Section of first rows: what a table of recordings looks like."""

from __future__ import annotations

import polars as pl

from oscine.catalog import counts_by_catalog, first_rows
from oscine.catalog.summary import FIRST_COLUMNS
from oscine.report.blocks import Block, Preview, Section, counted
from oscine.report.run import PARTS, Run
from oscine.report.sections.places import NO_TABLE

ROWS_SHOWN = 5
FOLDERS_SHOWN = 3
"""Last names of a path that are shown."""


def first_recordings(run: Run) -> Section:
    """Show the first rows of each part, and what each catalog left in it."""
    title = "First rows"
    found = {part: run.recordings(part) for part in PARTS}
    tables = {part: table for part, table in found.items() if table is not None and table.height}
    if not tables:
        return Section("first-rows", title, absent=NO_TABLE)
    blocks: list[Block] = []
    for part, table in tables.items():
        of = f"of {counted(table.height, 'row')}"
        blocks.append(
            Preview(
                f"first-{part}",
                f"{PARTS[part]}: the first {min(ROWS_SHOWN, table.height)} {of}",
                _shortened(first_rows(table, ROWS_SHOWN)),
                f"{len(FIRST_COLUMNS)} of {len(table.columns)} columns.",
            )
        )
    counts = [
        counts_by_catalog(table).with_columns(part=pl.lit(PARTS[part]))
        for part, table in tables.items()
    ]
    by_catalog = pl.concat(counts).select("part", pl.exclude("part"))
    blocks.append(Preview("by-catalog", "What each catalog contributes in the end", by_catalog))
    return Section("first-rows", title, blocks=blocks)


def _shortened(rows: pl.DataFrame) -> pl.DataFrame:
    """Write paths by their last names, and lists as text."""
    names = pl.col("filepath").str.split("/")
    ending = names.list.tail(FOLDERS_SHOWN).list.join("/")
    long = names.list.len() > FOLDERS_SHOWN
    labels = pl.col("secondary_labels").list.join(", ").replace("", None)
    return rows.with_columns(
        filepath=pl.when(long).then(pl.format("…/{}", ending)).otherwise("filepath"),
        secondary_labels=labels,
    )
