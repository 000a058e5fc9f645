"""What people heard in soundscapes, and the targets of windows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.soundscape_labels import COLUMNS, parse_soundscape_labels
from oscine.core import CatalogError, name_of


def read_annotations(path: Path) -> pl.DataFrame:
    """Read a table of annotations.

    Args:
        path: A CSV in the form of BirdCLEF 2026: filename, start, end (seconds or `HH:MM:SS`) and
            primary_label (labels joined by `;`).

    Returns:
        One row for each label: filename, start_s, end_s, species_code. Repeated rows are one.

    Raises:
        CatalogError: The file is missing, lacks a column, or holds a time that is none.
    """
    if not path.is_file():
        raise CatalogError("no such annotation table", where=path, fix="check scan.annotations")
    try:
        table = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise CatalogError(f"this is no table of annotations: {error}", where=path) from error
    labels = parse_soundscape_labels(table, path)
    if "filename" not in labels.columns:
        raise CatalogError("no column 'filename'", where=path, fix=f"columns: {', '.join(COLUMNS)}")
    return labels.select("filename", "start_s", "end_s", species_code="label")


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
