"""From a table as it was published to typed columns: what every catalog source shares.

A published table is read as text, so that a numeric label stays a label; then each column gets the
type of the contract. The traps that are met here: lists written as Python literals, `['']` for an
empty list, `-` and `?` for "not stated", a rating of 0 for "unrated", a byte order mark.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import Field

from oscine.catalog.tables import RECORDINGS
from oscine.catalog.times import seconds
from oscine.config import Config, Place
from oscine.core import Location, RemoteError, SourceError, file_state, local_file, name_of

log = logging.getLogger("oscine")

UNSTATED = ("", "-", "?", "nan", "none", "null", "n/a")
"""Texts that mean "not stated", in lower case."""

AUDIO_EXTENSIONS = frozenset(
    {"aac", "aif", "aiff", "flac", "m4a", "mp3", "mp4", "oga", "ogg", "opus", "wav", "wma"}
)
"""Extensions of the files that a folder source takes for recordings, in lower case."""


class SourceConfig(Config):
    """What a source needs to know to read one catalog."""

    name: str = Field(pattern=r"^[\w][\w.-]*$")
    """Name of the catalog; it begins the id of each of its recordings."""
    path: Place
    """Folder that holds the catalog; a URL such as gs://bucket/year too."""
    audio_required: bool = True
    """Whether the audio must be there; false for work on the table alone (said loudly)."""
    table: str | None = None
    """Table within `path`; null: what the kind calls it."""
    audio: str | None = None
    """Folder of the audio within `path`; null: what the kind calls it."""
    columns: dict[str, str] = Field(default_factory=dict)
    """For the sources `table` and `raven`: our column name -> theirs."""


@dataclass(frozen=True)
class Inputs:
    """What the rows of a catalog follow from; a change of them makes its tables stale.

    Args:
        tables: Files that are read whole.
        names: Names that are looked at, such as those of the files of a folder.
    """

    tables: tuple[Location, ...] = ()
    names: tuple[str, ...] = ()


@contextmanager
def as_source_error() -> Iterator[None]:
    """Say that a remote place cannot be read as a fault of the catalog that names it."""
    try:
        yield
    except RemoteError as error:
        raise SourceError(error.what, where=error.where, fix=error.fix) from error


def local_table(path: Location) -> Path:
    """Give the local path of a table; a remote one is fetched if it is new or has changed.

    Raises:
        SourceError: There is no such table, or it cannot be fetched.
    """
    with as_source_error():
        file = local_file(path) if file_state(path) is not None else Path()
    if not file.is_file():
        raise SourceError("no such table", where=path, fix="check the catalog's path and table")
    return file


def read_published(path: Location) -> pl.DataFrame:
    """Read a CSV, TSV or Parquet table as it was published.

    Args:
        path: The table; `.parquet` and `.tsv` are known by their extension, all else is CSV.

    Returns:
        The rows; every column of a CSV is text.

    Raises:
        SourceError: The table is missing, cannot be read, or has no rows.
    """
    file, suffix = local_table(path), Path(name_of(path)).suffix
    try:
        if suffix == ".parquet":
            table = pl.read_parquet(file)
        else:
            separator = "\t" if suffix == ".tsv" else ","
            table = pl.read_csv(file, separator=separator, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"the table cannot be read: {error}", where=path) from error
    if table.is_empty():
        raise SourceError("the table has no rows", where=path)
    return table


def pick_columns(table: pl.DataFrame, columns: Mapping[str, str], where: object) -> pl.DataFrame:
    """Select a published table's columns under our names.

    Args:
        table: A published table.
        columns: Our column name -> theirs.
        where: What to name in an error.

    Returns:
        A table with exactly the columns that `columns` names, in its order.

    Raises:
        SourceError: The table lacks some of them; all are named.
    """
    missing = sorted({theirs for theirs in columns.values() if theirs not in table.columns})
    if missing:
        raise SourceError(
            f"the table lacks {', '.join(missing)}",
            where=where,
            fix=f"its columns are {', '.join(table.columns)}; is it of another year?",
        )
    return table.select(pl.col(theirs).alias(ours) for ours, theirs in columns.items())


def typed(table: pl.DataFrame, where: object) -> pl.DataFrame:
    """Give the columns that the contract knows their types; other columns become text.

    Args:
        table: Columns under our names, as published.
        where: What to name in an error.

    Returns:
        The same columns and rows: unstated values are null, and so are impossible coordinates,
            with their other half.

    Raises:
        SourceError: A number is no number, or a rating is outside its range.
    """
    series = []
    for name in table.columns:
        dtype = RECORDINGS[name].dtype if name in RECORDINGS else pl.String
        if dtype == pl.List(pl.String):
            series.append(parse_lists(table[name], inner_commas=name == "type"))
        elif dtype in (pl.Float64, pl.Int64):
            series.append(_numbers(table[name], where))
        else:
            series.append(_texts(table[name]))
    return _paired(pl.DataFrame(series))


def _paired(table: pl.DataFrame) -> pl.DataFrame:
    """Half of a coordinate is no place."""
    halves = [name for name in ("latitude", "longitude") if name in table.columns]
    whole = pl.all_horizontal(pl.col(halves).is_not_null()) if len(halves) == 2 else pl.lit(False)
    return table.with_columns(pl.when(whole).then(name).alias(name) for name in halves)


def _texts(column: pl.Series) -> pl.Series:
    text = pl.col(column.name).cast(pl.String).str.strip_chars()
    stated = pl.when(~text.str.to_lowercase().is_in(UNSTATED)).then(text)
    return column.to_frame().select(stated.alias(column.name)).to_series()


def _numbers(column: pl.Series, where: object) -> pl.Series:
    values = column
    if not column.dtype.is_numeric():
        texts = _texts(column)
        is_time = column.name in ("start_s", "end_s")
        values = seconds(texts) if is_time else texts.cast(pl.Float64, strict=False)
        bad = texts.filter(values.is_null() & texts.is_not_null())
        if len(bad):
            raise SourceError(f"{column.name} holds {bad[0]!r}, which is no number", where=where)
    values = values.cast(pl.Float64).fill_nan(None)
    contract = RECORDINGS[column.name]
    if column.name == "rating":
        return values.set(values == 0.0, None)
    if contract.high is not None and contract.low is not None:
        impossible = ~values.is_between(contract.low, contract.high).fill_null(True)
        if impossible.any():
            log.warning("%s: %d impossible values of %s", where, impossible.sum(), column.name)
        values = values.set(impossible, None)
    return values


def parse_lists(column: pl.Series, inner_commas: bool = False) -> pl.Series:
    """Parse lists that are written as text, such as `['a', 'b']`, `a;b`, or `a, b`.

    Args:
        column: Text, or lists of text.
        inner_commas: Whether a comma within a quoted item parts it too (`['call, male']`).

    Returns:
        Lists of text: no empty items, none twice, never null.

    Example:
        >>> parse_lists(pl.Series("x", ["['b', 'a']", "['']", "a; b", "-", None])).to_list()
        [['b', 'a'], [], ['a', 'b'], [], []]
    """
    if column.dtype == pl.List(pl.String):
        values = column.to_list()
        parsed = [_clean(value or [], inner_commas) for value in values]
        return pl.Series(column.name, parsed, dtype=pl.List(pl.String))
    texts = column.cast(pl.String)
    # Few texts are distinct: each is parsed once.
    distinct = texts.unique().to_list()
    lookup = pl.DataFrame(
        {"text": distinct, column.name: [_parse_list(text, inner_commas) for text in distinct]},
        schema={"text": pl.String, column.name: pl.List(pl.String)},
    )
    rows = texts.alias("text").to_frame()
    joined = rows.join(lookup, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined[column.name]


def _parse_list(text: str | None, inner_commas: bool) -> list[str]:
    if text is None:
        return []
    text = text.strip()
    if text.startswith("["):
        try:
            return _clean(ast.literal_eval(text), inner_commas)
        except (ValueError, SyntaxError, TypeError):
            text = text.strip("[]").replace("'", "").replace('"', "")
    return _clean(text.replace(";", ",").split(","), inner_commas)


def _clean(items: Iterable[object], inner_commas: bool) -> list[str]:
    texts = [str(item) for item in items if item is not None]
    if inner_commas:
        texts = [part for text in texts for part in text.split(",")]
    stripped = (text.strip() for text in texts)
    return list(dict.fromkeys(text for text in stripped if text.lower() not in UNSTATED))
