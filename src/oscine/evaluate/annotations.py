"""What people heard in soundscapes, and the targets of windows that follow from it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.beside import (
    SHOWN,
    TEXTS,
    AnnotationTable,
    AudioFolder,
    files_below,
    hint_of,
    read_text,
)
from oscine.catalog.selections import RAVEN_SUFFIX, parse_labels
from oscine.catalog.soundscape_labels import parse_soundscape_labels
from oscine.catalog.sources import raven
from oscine.catalog.sources.birdclef_soundscapes import TABLE_OF_2021, TABLE_OF_2026
from oscine.core import CatalogError, name_of

log = logging.getLogger("oscine")

SCHEMA = {
    "filename": pl.String,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "species_code": pl.String,
}
"""The recording, as well as the annotations name it; times in it, s; the label, as it is written,
null where people listened and heard nothing."""

ANY_OVERLAP_S = 1e-3
"""What counts as some overlap, s: less is the rounding of times to samples."""


def read_annotations(path: Path, label_column: str | None = None) -> pl.DataFrame:
    """Read annotations.

    Args:
        path: `train_soundscape_labels.csv` of 2021, `train_soundscapes_labels.csv` of 2026 or a
            table of one of these forms; a Raven selection table or an Audacity label track
            (`.txt`); or a folder of any of them.
        label_column: Column of a selection table that holds the label; None: the usual one.

    Returns:
        One row for each label: filename, start_s, end_s, species_code. Repeated rows are one. A
        recording whose selection table is empty has one row without a label.

    Raises:
        CatalogError: There is nothing to read, a table lacks a column, or holds a time that is
            none.
    """
    if path.is_dir():
        published = [path / name for name in (TABLE_OF_2021, TABLE_OF_2026)]
        found = next((table for table in published if table.is_file()), None)
        return _texts(path, label_column) if found is None else _published(found)
    if not path.is_file():
        raise CatalogError("no such annotation table", where=path, fix="check the path")
    return _texts(path, label_column) if path.suffix.lower() == ".txt" else _published(path)


def _published(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise CatalogError(f"this is no table of annotations: {error}", where=path) from error
    labels = parse_soundscape_labels(table, path)
    if "filename" not in labels.columns:
        labels = labels.with_columns(filename=pl.format("{}_{}", "audio_id", "site"))
    return labels.select("filename", "start_s", "end_s", species_code="label")


def _texts(path: Path, label_column: str | None) -> pl.DataFrame:
    """Read every table of a folder, or one."""
    root = path if path.is_dir() else path.parent
    names = files_below(path, TEXTS) if path.is_dir() else [PurePosixPath(path.name)]
    parts, others = [], []
    for name in names:
        rows = _text(root / name, name, label_column)
        if rows is None:
            others.append(str(name))
        else:
            parts.append(rows)
    if not parts:
        raise CatalogError(
            f"{len(names)} text files, and none is a selection table or a label track",
            where=path,
            fix="give Raven tables, Audacity labels or train_soundscapes_labels.csv",
        )
    if others:
        log.warning("%s: %d texts ignored: %s", path, len(others), ", ".join(others[:SHOWN]))
    return pl.concat(parts).unique(maintain_order=True)


def _text(file: Path, name: PurePosixPath, label_column: str | None) -> pl.DataFrame | None:
    text = read_text(file)
    rows = raven.parse(text, file)
    if rows is None:
        labels = parse_labels(text, file)
        if labels is None:
            return None
        filename = pl.lit(str(name.with_suffix("")))
        return labels.select(filename.alias("filename"), "start_s", "end_s", species_code="label")
    table = AnnotationTable(name, file, rows)
    if rows.is_empty():
        recording = str(name.parent / RAVEN_SUFFIX.sub("", name.name))
        return pl.DataFrame([(recording, 0.0, 0.0, None)], schema=SCHEMA, orient="row")
    if label_column is not None and label_column not in rows.columns:
        raise CatalogError(
            f"no column {label_column!r}", where=file, fix=f"columns: {', '.join(rows.columns)}"
        )
    hints = [
        hint if len(hint.parts) > 1 else name.parent / hint for hint in raven.recording_hints(table)
    ]
    label = pl.col(label_column or raven.label_column(table)).fill_null("?")
    return rows.select(
        pl.Series("filename", map(str, hints), dtype=pl.String),
        "start_s",
        "end_s",
        label.alias("species_code"),
    )


def match_recordings(names: Iterable[str], paths: Sequence[str]) -> dict[str, str | None]:
    """Find the recordings that annotations name.

    Args:
        names: As `read_annotations` gives them: paths of whatever machine, base names, names
            without extension, or `AUDIOID_SITE` of 2021.
        paths: Paths or URLs of recordings.

    Returns:
        Name -> path; None where no path has the name. Of several with one base name, the one whose
        folders agree.

    Raises:
        SourceError: Several agree equally.
    """
    plain = {path: path.replace("\\", "/") for path in paths}
    places = {PurePosixPath(text).parent / name_of(text): path for path, text in plain.items()}
    by_site = {"_".join(place.stem.split("_")[:2]): path for place, path in places.items()}
    folder = AudioFolder(Path(), places)
    found: dict[str, str | None] = {}
    for name in names:
        hint = hint_of(name)
        path = places.get(PurePosixPath(folder.find(hint, hint)))
        found[name] = path or by_site.get(name)
    return found


def window_targets(
    windows: pl.DataFrame,
    annotations: pl.DataFrame,
    codes: Sequence[str],
    min_overlap_s: float = 0.0,
) -> NDArray[np.float32]:
    """Say which species people heard in each window.

    Args:
        windows: filepath, start_s, end_s, one row a window.
        annotations: As `read_annotations` gives them.
        codes: The species codes of the columns.
        min_overlap_s: How much of an annotation a window must share, s; of a shorter annotation
            it must hold the whole. 0: any part of it, as the competitions count.

    Returns:
        1 where an annotation of the species is in the window, else 0; [windows, codes].
    """
    heard = overlaps(windows, annotations, min_overlap_s)
    places = {code: place for place, code in enumerate(codes)}
    targets = np.zeros((len(windows), len(codes)), dtype=np.float32)
    for row, code in heard.select("row", "species_code").iter_rows():
        if code in places:
            targets[row, places[code]] = 1.0
    return targets


def overlaps(
    windows: pl.DataFrame, annotations: pl.DataFrame, min_overlap_s: float = 0.0
) -> pl.DataFrame:
    """Pair windows with the annotations that are in them.

    See `window_targets` for the arguments.

    Returns:
        One row a pair: `row` (number of the window) and `species_code`.
    """
    paths = windows["filepath"].unique().to_list()
    matched = match_recordings(annotations["filename"].unique().to_list(), paths)
    named = annotations.with_columns(
        filepath=pl.col("filename").replace_strict(matched, return_dtype=pl.String)
    )
    pairs = windows.with_row_index("row").join(named, on="filepath", suffix="_heard")
    shared = pl.min_horizontal("end_s", "end_s_heard") - pl.max_horizontal(
        "start_s", "start_s_heard"
    )
    needed = pl.min_horizontal(
        pl.lit(max(min_overlap_s, ANY_OVERLAP_S)), pl.col("end_s_heard") - pl.col("start_s_heard")
    )
    # A point in time has no length: it is in the window that begins there, not in the one before.
    inside = (pl.col("start_s_heard") < pl.col("end_s")) & (
        pl.col("end_s_heard") >= pl.col("start_s")
    )
    return pairs.filter(inside & (shared >= needed - 1e-9)).select("row", "species_code")
