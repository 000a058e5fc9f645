"""What people heard in soundscapes, and the targets of windows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import CatalogError, name_of

COLUMNS = ("filename", "start", "end", "primary_label")
"""Columns of `train_soundscapes_labels.csv`, the form of BirdCLEF 2026."""


def read_annotations(path: Path) -> pl.DataFrame:
    """Read a table of annotations.

    Args:
        path: A CSV with `COLUMNS`: times as seconds or `HH:MM:SS`, labels joined by `;`.

    Returns:
        One row for each label: filename, start_s, end_s, species_code. Repeated rows are one.

    Raises:
        CatalogError: The file is missing, lacks a column, or holds a time that is none.
    """
    if not path.is_file():
        raise CatalogError("no such annotation table", where=path, fix="check scan.annotations")
    try:
        return _parse(path)
    except pl.exceptions.PolarsError as error:
        raise CatalogError(
            f"this is no table of annotations: {error}", where=path, fix="times are s or HH:MM:SS"
        ) from error


def _parse(path: Path) -> pl.DataFrame:
    table = pl.read_csv(path, infer_schema=False)
    if absent := [name for name in COLUMNS if name not in table.columns]:
        raise CatalogError(
            f"no column {absent[0]!r}", where=path, fix=f"columns: {', '.join(COLUMNS)}"
        )
    return (
        table.select(
            "filename",
            _seconds("start").alias("start_s"),
            _seconds("end").alias("end_s"),
            pl.col("primary_label").fill_null("").str.split(";").alias("species_code"),
        )
        .explode("species_code")
        .with_columns(pl.col("species_code").str.strip_chars())
        .unique(maintain_order=True)
    )


def _seconds(column: str) -> pl.Expr:
    parts = pl.col(column).str.split(":").list.eval(pl.element().cast(pl.Float64))
    hours, minutes, seconds = (
        parts.list.reverse().list.get(i, null_on_oob=True) for i in (2, 1, 0)
    )
    return hours.fill_null(0.0) * 3600 + minutes.fill_null(0.0) * 60 + seconds


def window_targets(
    windows: pl.DataFrame, annotations: pl.DataFrame, codes: Sequence[str]
) -> NDArray[np.float32]:
    """Say which species people heard in each window.

    Args:
        windows: filepath, start_s, end_s, one row a window.
        annotations: As `read_annotations` gives them.
        codes: The species codes of the columns.

    Returns:
        1 where an annotation of the species overlaps the window, else 0; [windows, codes].
    """
    paths = windows["filepath"].unique().to_list()
    names = {path: name_of(path.replace("\\", "/")) for path in paths}
    named = windows.with_row_index("row").with_columns(
        filename=pl.col("filepath").replace_strict(names, return_dtype=pl.String)
    )
    heard = named.join(annotations, on="filename", suffix="_heard").filter(
        (pl.col("start_s_heard") < pl.col("end_s")) & (pl.col("end_s_heard") > pl.col("start_s"))
    )
    places = {code: place for place, code in enumerate(codes)}
    targets = np.zeros((len(windows), len(codes)), dtype=np.float32)
    for row, code in heard.select("row", "species_code").iter_rows():
        if code in places:
            targets[row, places[code]] = 1.0
    return targets
