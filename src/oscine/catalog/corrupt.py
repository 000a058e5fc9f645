"""Lists of corrupt files that people publish for a catalog: JSON, CSV or plain text.

An entry is a path, a file name, or an id; it stands for every recording whose path ends with it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.reading import as_source_error, read_published
from oscine.core import CatalogError, Location, Reason, local_file

KNOWN_SILENT = (
    "train_short_audio/houwre/XC590621.ogg",
    "train_short_audio/cogdov/XC579430.ogg",
)
"""Two files of BirdCLEF 2021 that hold only silence."""

PATH_COLUMNS = ("filepath", "filename", "path", "file", "xc_id")
"""Which column of a CSV or of JSON objects holds the entry; the first of these that is there."""


def read_corrupt_list(path: Location) -> list[str]:
    """Read a list of corrupt files.

    Args:
        path: `.json`: a list of texts or objects; `.csv`: a column of PATH_COLUMNS, else the
            first; all else: an entry a line, `#` begins a comment.

    Returns:
        The entries.

    Raises:
        CatalogError: The file is missing or holds no such list.
    """
    with as_source_error():
        file = local_file(path)
    if not file.is_file():
        raise CatalogError("no such list of corrupt files", where=path, fix="check the path")
    if file.suffix == ".json":
        return _from_json(file.read_text(encoding="utf-8-sig"), path)
    if file.suffix == ".csv":
        table = read_published(path)
        column = next((name for name in PATH_COLUMNS if name in table.columns), table.columns[0])
        return table[column].drop_nulls().to_list()
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    entries = (line.partition("#")[0].strip() for line in lines)
    return [entry for entry in entries if entry]


def _from_json(text: str, path: Location) -> list[str]:
    fix = f"write a list of paths, or of objects with one of {', '.join(PATH_COLUMNS)}"
    try:
        items: Any = json.loads(text)
    except ValueError as error:
        raise CatalogError("this is no JSON", where=path, fix=fix) from error
    entries = []
    for item in items if isinstance(items, list) else [items]:
        found = item
        if isinstance(item, dict):
            found = next((item[name] for name in PATH_COLUMNS if name in item), None)
        if not isinstance(found, str):
            raise CatalogError(f"{item!r} names no file", where=path, fix=fix)
        entries.append(found)
    return entries


def drop_listed(recordings: pl.DataFrame, entries: Iterable[str]) -> Outcome:
    """Take out the recordings that a list names.

    Args:
        recordings: Recordings.
        entries: Paths, whole or their last parts (`houwre/XC590621.ogg`), or ids; the extension
            may be left out.

    Returns:
        What stays, and what left with Reason.CORRUPT_LIST.
    """
    by_depth: dict[int, set[str]] = defaultdict(set)
    for entry in entries:
        parts = [part for part in entry.replace("\\", "/").split("/") if part not in ("", ".")]
        by_depth[len(parts)].add("/".join(parts))
    if not by_depth:
        return depart(recordings, pl.lit(False), Reason.CORRUPT_LIST, pl.lit(""))
    # Patterns are slow on millions of paths: only those that hold a listed name are taken apart.
    last = sorted({name.rpartition("/")[2] for names in by_depth.values() for name in names})
    listed = pl.lit(None, dtype=pl.String)
    for depth, names in sorted(by_depth.items()):
        end = pl.col("filepath").str.extract(rf"((?:[^/]+/){{{depth - 1}}}[^/]+)$")
        for form in (end, end.str.replace(r"\.[^./]*$", "")):
            listed = pl.coalesce(listed, pl.when(form.is_in(names)).then(form))
    near = recordings.select("recording_id", "filepath").filter(
        pl.col("filepath").str.contains_any(last)
    )
    found = near.select("recording_id", __listed=listed).drop_nulls("__listed")
    table = recordings.join(found, on="recording_id", how="left", maintain_order="left")
    detail = pl.format("the list has {}", "__listed")
    return depart(table, pl.col("__listed").is_not_null(), Reason.CORRUPT_LIST, detail)
