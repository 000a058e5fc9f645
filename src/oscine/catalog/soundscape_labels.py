"""What people heard in BirdCLEF's soundscapes, as published in 2021 and 2026: rows of some seconds.

Source: `train_soundscape_labels.csv` of 2021 (row_id, site, audio_id, seconds, birds), and
`train_soundscapes_labels.csv` of 2026 (filename, start, end, primary_label).
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.times import seconds
from oscine.core import CatalogError

COLUMNS = ("filename", "start", "end", "primary_label")
"""The form of 2026: times as seconds or `HH:MM:SS`, labels joined by `;`; rows may repeat."""

COLUMNS_OF_2021 = ("site", "audio_id", "seconds", "birds")
"""The form of 2021: the end of a row of ROW_S, labels joined by a space."""

ROW_S = 5.0
"""Length of a row of 2021, s."""


def parse_soundscape_labels(table: pl.DataFrame, where: object) -> pl.DataFrame:
    """Read a published table of soundscape labels.

    Args:
        table: As published, all text.
        where: What to name in an error.

    Returns:
        One row a label: `line`, `start_s`, `end_s`, `label` (null where it is empty), and what
        names the recording: `filename`, or in the form of 2021 `audio_id` and `site`. A row that
        is there twice is one.

    Raises:
        CatalogError: The table lacks a column of both forms, or a time is none.
    """
    of_2021 = set(COLUMNS_OF_2021) <= set(table.columns)
    if not of_2021 and (absent := [name for name in COLUMNS if name not in table.columns]):
        raise CatalogError(
            f"no column {absent[0]!r}", where=where, fix=f"columns: {', '.join(COLUMNS)}"
        )
    rows = table.with_row_index("line", offset=2).with_columns(pl.col("line").cast(pl.Int64))
    if of_2021:
        end = _times(rows, "seconds", where)
        start, label, separator = end - ROW_S, pl.col("birds"), " "
        identity = ["audio_id", "site"]
    else:
        start, end = _times(rows, "start", where), _times(rows, "end", where)
        label, separator, identity = pl.col("primary_label"), ";", ["filename"]
    labels = label.fill_null("").str.split(separator)
    return (
        rows.select(*identity, "line", start.alias("start_s"), end.alias("end_s"), label=labels)
        .explode("label")
        .with_columns(pl.col("label").str.strip_chars().replace("", None))
        .unique([*identity, "start_s", "end_s", "label"], keep="first", maintain_order=True)
    )


def _times(rows: pl.DataFrame, name: str, where: object) -> pl.Series:
    times = seconds(rows[name])
    if times.null_count():
        row = rows.row(times.is_null().arg_max() or 0, named=True)
        raise CatalogError(
            f"line {row['line']}: {name} is {row[name]!r}, which is no time",
            where=where,
            fix="times are s or HH:MM:SS",
        )
    return times
