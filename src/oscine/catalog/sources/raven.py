"""Raven selection tables: `X.Table.1.selections.txt` is about the recording `X`; clips.

A table says itself which file a selection is in (`Begin Path`, `Begin File`), or its name does. The
column of the label has another name in every project: `columns` says which, else it is the first of
LABELS in which the table says anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import polars as pl

from oscine.catalog.beside import (
    AnnotationTable,
    AudioFolder,
    annotation_inputs,
    hint_of,
    is_audio,
    read_tables,
)
from oscine.catalog.clips import place_clips
from oscine.catalog.reading import Inputs, SourceConfig, pick_columns, typed
from oscine.catalog.selections import (
    BEGIN_FILE,
    BEGIN_PATH,
    MADE_HERE,
    OFFSET,
    RAVEN_SUFFIX,
    is_selection_table,
    parse_selections,
)
from oscine.core import Location, SourceError

KIND = "raven"
DESCRIPTION = "Raven selection tables X.Table.1.selections.txt of recordings X; clips"

LABELS = (
    "speciescode",
    "species",
    "annotation",
    "label",
    "class",
    "tags",
    "commonname",
    "scientificname",
)
"""What people call the column of the label, in lower case, letters alone; first come first."""

NAMES = {"commonname": "common_name", "scientificname": "scientific_name"}
"""Columns that are read under our names when a table has them: so BirdNET and oscine write them."""

MAPPABLE = (
    "primary_label",
    "secondary_labels",
    "scientific_name",
    "common_name",
    "type",
    "rating",
    "author",
    "license",
    "url",
    "latitude",
    "longitude",
    "site",
    "date",
    "time",
)
"""Our columns that `columns` may name; the others follow from the selection and its file."""


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the tables, and the names of the recordings."""
    return annotation_inputs(config)


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is. `table` is a selection table or a folder of them, `audio` the folder
            of the recordings; both are the catalog's folder by default. `columns` maps our column
            names to the tables' own.

    Returns:
        The recordings table: one row a selection, by file and time.

    Raises:
        SourceError: There is no selection table, one lacks a column or has a time that is none, it
            does not say in which of several files a selection is, or the audio is not there.
    """
    if unknown := sorted(set(config.columns) - set(MAPPABLE)):
        raise SourceError(
            f"`columns` names {', '.join(unknown)}, which a selection does not have",
            where=config.name,
            fix=f"the choices are {', '.join(MAPPABLE)}",
        )
    root = config.path / (config.audio or "")
    audio = AudioFolder(root)
    rows = [_clips(table, config, audio) for table in read_tables(config, parse)]
    return place_clips(pl.concat(rows, how="diagonal"), config, root)


def parse(text: str, where: Location) -> pl.DataFrame | None:
    """Read a text as a selection table; None: it is something else.

    Raises:
        SourceError: It is one, or says so by its name, and cannot be read.
    """
    claims = ".selection" in where.name.lower()
    return parse_selections(text, where) if claims or is_selection_table(text) else None


def _clips(table: AnnotationTable, config: SourceConfig, audio: AudioFolder) -> pl.DataFrame:
    """Make the rows of one table: our columns, and where each selection is."""
    columns = _mapping(table, config.columns)
    ours = typed(pick_columns(table.rows, columns, table.file), table.file)
    places = table.rows.select("line", "start_s", "end_s", table=pl.lit(str(table.path)))
    return pl.concat([ours, places], how="horizontal").with_columns(_recordings(table, audio))


def _mapping(table: AnnotationTable, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Say which column of a table is which of ours."""
    plain = _plain_columns(table)
    label = columns.get("primary_label") or label_column(table)
    named = {ours: plain[name] for name, ours in NAMES.items() if name in plain}
    return {**named, **columns, "primary_label": label}


def label_column(table: AnnotationTable) -> str:
    """Find the column that holds the labels, by its name.

    Raises:
        SourceError: No column has a usual name.
    """
    plain = _plain_columns(table)
    usual = [plain[name] for name in LABELS if name in plain]
    filled = [name for name in usual if table.rows[name].is_not_null().any()]
    label = next(iter([*filled, *usual]), None)
    if label is None:
        published = [name for name in table.rows.columns if name not in MADE_HERE]
        raise SourceError(
            "nothing says which column is the label",
            where=table.file,
            fix="name it in `columns`, as {primary_label: Annotation}; the table has "
            f"{', '.join(published)}",
        )
    return label


def _plain_columns(table: AnnotationTable) -> dict[str, str]:
    return {_plain(name): name for name in reversed(table.rows.columns)}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _recordings(table: AnnotationTable, audio: AudioFolder) -> pl.Series:
    """Find the recording of each selection."""
    hints = recording_hints(table)
    found = {hint: audio.find(hint, table.path) for hint in set(hints)}
    return pl.Series("relative", [found[hint] for hint in hints], dtype=pl.String)


def recording_hints(table: AnnotationTable) -> list[PurePosixPath]:
    """Name the recording of each selection as well as the table does.

    Raises:
        SourceError: The table is about several files, and does not say where in each.
    """
    hints = [_hint(row, table.path) for row in table.rows.iter_rows(named=True)]
    if len(set(hints)) > 1 and OFFSET not in table.rows.columns:
        raise SourceError(
            f"the table is about {len(set(hints))} files, and does not say where in each a "
            "selection is",
            where=table.file,
            fix=f"in Raven, add the measurement {OFFSET!r} and save the table again",
        )
    return hints


def _hint(row: Mapping[str, object], path: PurePosixPath) -> PurePosixPath:
    """Name the recording of a selection as well as the table does."""
    for column in (BEGIN_PATH, BEGIN_FILE):
        text = row.get(column)
        if isinstance(text, str) and is_audio(stated := hint_of(text)):
            return stated
    return PurePosixPath(RAVEN_SUFFIX.sub("", path.name))
