"""Raven selection tables: `X.Table.1.selections.txt` is about the recording `X`; clips.

A table says itself which file a selection is in (`Begin Path`, `Begin File`), or its name does. The
column of the label has another name in every project: `columns` says which, else it is the first of
LABELS that the table has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import polars as pl

from oscine.catalog.beside import AudioFolder, hint_of, is_audio, read_tables
from oscine.catalog.clips import place_clips
from oscine.catalog.reading import SourceConfig, pick_columns, typed
from oscine.catalog.selections import (
    BEGIN_FILE,
    BEGIN_PATH,
    OFFSET,
    RAVEN_SUFFIX,
    is_selection_table,
    parse_selections,
)
from oscine.core import SourceError

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
    rows = []
    for path, selections in read_tables(config, _parse):
        where = config.path / (config.table or "") / path
        ours = typed(pick_columns(selections, _mapping(config, selections, where), where), where)
        places = selections.select("line", "start_s", "end_s", table=pl.lit(str(path)))
        rows.append(
            pl.concat([ours, places], how="horizontal").with_columns(
                relative=_recordings(selections, path, audio, where)
            )
        )
    return place_clips(pl.concat(rows, how="diagonal"), config, root)


def _parse(text: str, where: Path) -> pl.DataFrame | None:
    claims = ".selection" in where.name.lower()
    return parse_selections(text, where) if claims or is_selection_table(text) else None


def _mapping(config: SourceConfig, selections: pl.DataFrame, where: Path) -> Mapping[str, str]:
    """Say which column of a table is which of ours."""
    plain = {_plain(name): name for name in reversed(selections.columns)}
    label = next((plain[name] for name in LABELS if name in plain), None)
    label = config.columns.get("primary_label", label)
    if label is None:
        raise SourceError(
            "nothing says which column is the label",
            where=where,
            fix="name it in `columns`, as {primary_label: Annotation}; the table has "
            f"{', '.join(_published(selections))}",
        )
    named = {ours: plain[name] for name, ours in NAMES.items() if name in plain}
    return {**named, **config.columns, "primary_label": label}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _published(selections: pl.DataFrame) -> Iterable[str]:
    return (name for name in selections.columns if name not in ("line", "start_s", "end_s"))


def _recordings(
    selections: pl.DataFrame, path: PurePosixPath, audio: AudioFolder, where: Path
) -> pl.Series:
    """Find the recording of each selection."""
    hints = [_hint(row, path) for row in selections.iter_rows(named=True)]
    if len(set(hints)) > 1 and OFFSET not in selections.columns:
        raise SourceError(
            f"the table is about {len(set(hints))} files, and does not say where in each a "
            "selection is",
            where=where,
            fix=f"in Raven, add the measurement {OFFSET!r} and save the table again",
        )
    found = {hint: audio.find(hint, path) for hint in set(hints)}
    return pl.Series("relative", [found[hint] for hint in hints], dtype=pl.String)


def _hint(row: Mapping[str, object], path: PurePosixPath) -> PurePosixPath:
    """Name the recording of a selection as well as the table does."""
    for column in (BEGIN_PATH, BEGIN_FILE):
        text = row.get(column)
        if isinstance(text, str) and is_audio(stated := hint_of(text)):
            return stated
    return PurePosixPath(RAVEN_SUFFIX.sub("", path.name))
