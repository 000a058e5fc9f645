"""Lists of corrupt files that people publish for a catalog: JSON, CSV or plain text.

An entry is a path, a file name, or an id; it stands for every recording whose path ends with it.
Published paths begin where they were made (`../input/birdclef-2021/...`, `D:/data/...`): of a
long path the longest end that some recording has counts, down to audio folder, label and file.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.reading import AUDIO_EXTENSIONS, as_source_error
from oscine.core import CatalogError, Location, Reason, local_file, name_of

KNOWN_SILENT = (
    "train_short_audio/houwre/XC590621.ogg",
    "train_short_audio/cogdov/XC579430.ogg",
)
"""Two files of BirdCLEF 2021 that hold only silence."""

PATH_COLUMNS = ("filepath", "file_path", "filename", "file_name", "path", "file", "xc_id")
"""Which column of a CSV or of JSON objects holds the entry; the first of these that is there."""

WHOLE_PATH = 3
"""Parts of a path (audio folder, label, file) that an entry which has them must share."""

YEAR = re.compile(r"birdclef\D*(?:20)?(\d\d)$", re.IGNORECASE)
"""A folder of an entry that says for which competition it holds, such as birdclef-2021."""

YEARS = frozenset({"20", "21", "22", "23", "24", "25", "26"})
"""What the competitions' recordings have in the column birdclef."""


def read_corrupt_list(path: Location) -> list[str]:
    """Read a list of corrupt files.

    Args:
        path: `.json`: a list of texts or objects, a mapping of files to reasons, or of anything to
            lists of files; `.csv` or `.tsv`: a column of PATH_COLUMNS, else the first that holds
            audio files, with or without a header; all else: an entry a line, `#` begins a comment.

    Returns:
        The entries.

    Raises:
        CatalogError: The file is missing or holds no such list.
    """
    with as_source_error():
        file = local_file(path)
    if not file.is_file():
        raise CatalogError("no such list of corrupt files", where=path, fix="check the path")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogError("this is no text", where=path, fix="save it as UTF-8") from error
    suffix = PurePosixPath(name_of(path)).suffix.lower()
    if suffix == ".json":
        return _from_json(text, path)
    if suffix in {".csv", ".tsv"}:
        return _from_rows(list(csv.reader(text.splitlines(), delimiter=_separator(text, suffix))))
    entries = (line.partition("#")[0].strip() for line in text.splitlines())
    return [entry for entry in entries if entry]


def _separator(text: str, suffix: str) -> str:
    first = text.partition("\n")[0]
    if suffix == ".tsv":
        return "\t"
    return ";" if ";" in first and "," not in first else ","


def _from_rows(rows: list[list[str]]) -> list[str]:
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return []
    header = [cell.lower() for cell in rows[0]]
    named = [header.index(name) for name in PATH_COLUMNS if name in header]
    with_audio = [place for row in rows[:2] for place, cell in enumerate(row) if _is_audio(cell)]
    place = next(iter([*named, *with_audio]), 0)
    # A list that somebody saved without a header begins with a file.
    body = rows if any(map(_is_audio, rows[0])) else rows[1:]
    return [row[place] for row in body if place < len(row) and row[place]]


def _is_audio(text: str) -> bool:
    return text.rpartition(".")[2].lower() in AUDIO_EXTENSIONS


def _from_json(text: str, path: Location) -> list[str]:
    fix = f"write a list of paths, or of objects with one of {', '.join(PATH_COLUMNS)}"
    try:
        items: Any = json.loads(text)
    except ValueError as error:
        raise CatalogError("this is no JSON", where=path, fix=fix) from error
    entries = []
    for item in _items(items):
        found = item
        if isinstance(item, dict):
            found = next((item[name] for name in PATH_COLUMNS if name in item), None)
        if not isinstance(found, str):
            raise CatalogError(f"{item!r} names no file", where=path, fix=fix)
        entries.append(found)
    return entries


def _items(data: Any) -> list[Any]:
    """Take the files out of a list, a table of columns, lists by group, or reasons by file."""
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return [data]
    for name in PATH_COLUMNS:
        if name in data:
            column = data[name]
            return list(column.values()) if isinstance(column, dict) else _items(column)
    if all(isinstance(value, list) for value in data.values()):
        return [item for value in data.values() for item in value]
    return list(data)


class _Entry(NamedTuple):
    """An entry, the parts of its path, and the year for which it holds (None: any)."""

    text: str
    parts: tuple[str, ...]
    year: str | None

    @property
    def shortest(self) -> int:
        """How many parts a recording's path must share at least."""
        return min(len(self.parts), WHOLE_PATH)


def _entry(text: str) -> _Entry:
    parts = [part for part in re.split(r"[\\/]+", text.strip()) if part.strip(".")]
    parts = [part for part in parts if not part.endswith(":")]
    years = [found.group(1) for part in parts[:-1] if (found := YEAR.search(part))]
    if "birdsong-recognition" in parts:
        years = ["20"]
    return _Entry(text, tuple(parts), next(iter(years), None))


def _listed(recordings: pl.DataFrame, entries: Iterable[str]) -> pl.DataFrame:
    """Find which recording is meant by which entry: recording_id, entry; one row a recording."""
    left = [entry for entry in map(_entry, dict.fromkeys(entries)) if entry.parts]
    found = [pl.DataFrame(schema={"recording_id": pl.String, "entry": pl.String})]
    if not left:
        return found[0]
    # Patterns are slow on millions of paths: only those that hold a listed name are taken apart.
    names = sorted({entry.parts[-1] for entry in left})
    recordings = recordings.filter(pl.col("filepath").str.contains_any(names))
    for depth in range(max((len(entry.parts) for entry in left), default=0), 0, -1):
        tried = [entry for entry in left if entry.shortest <= depth <= len(entry.parts)]
        if not tried:
            continue
        matched = _ending(recordings, tried, depth)
        found.append(matched)
        done = set(matched["entry"])
        left = [entry for entry in left if entry.text not in done]
    return pl.concat(found)


def _ending(recordings: pl.DataFrame, entries: Sequence[_Entry], depth: int) -> pl.DataFrame:
    """Find the recordings whose path ends with the last parts of an entry, extension or not."""
    wanted = pl.DataFrame(
        [("/".join(entry.parts[-depth:]), entry.text, entry.year) for entry in entries],
        schema={"end": pl.String, "entry": pl.String, "year": pl.String},
        orient="row",
    )
    end = pl.col("filepath").str.extract(rf"((?:[^/]+/){{{depth - 1}}}[^/]+)$")
    rows = recordings.select("recording_id", "birdclef", end=end)
    bare = rows.with_columns(pl.col("end").str.replace(r"\.[^./]*$", ""))
    matched = pl.concat([rows, bare]).join(wanted, on="end")
    of_year = pl.col("year").is_null() | (pl.col("birdclef") == pl.col("year"))
    of_no_year = ~pl.col("birdclef").is_in(YEARS).fill_null(False)
    return matched.filter(of_year.fill_null(False) | of_no_year).select("recording_id", "entry")


def drop_listed(recordings: pl.DataFrame, entries: Iterable[str]) -> Outcome:
    """Take out the recordings that a list names.

    Args:
        recordings: Recordings.
        entries: Paths, whole or their last parts (`houwre/XC590621.ogg`), or ids; the extension
            may be left out.

    Returns:
        What stays, and what left with Reason.CORRUPT_LIST.
    """
    listed = _listed(recordings, entries).unique("recording_id", keep="first", maintain_order=True)
    table = recordings.join(listed, on="recording_id", how="left", maintain_order="left")
    detail = pl.format("the list has {}", "entry")
    return depart(table, pl.col("entry").is_not_null(), Reason.CORRUPT_LIST, detail)


def unmatched(recordings: pl.DataFrame, entries: Iterable[str]) -> list[str]:
    """List the entries that stand for no recording: of another catalog, or misspelt.

    Args:
        recordings: Recordings of all catalogs.
        entries: As `drop_listed` takes them.

    Returns:
        Entries, in their order.
    """
    known = set(_listed(recordings, entries)["entry"])
    return [entry for entry in dict.fromkeys(entries) if entry not in known]
