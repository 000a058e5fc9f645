"""The state of what a run reads from outside its folder: it tells whether a stage is stale.

A catalog's state is that of what its kind says it reads, so that a note or a soundscape's labels
beside it change nothing. Remote recordings are looked at by one listing a catalog, not one question
a file; a web server lists nothing, so there a recording is told by its URL alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

import polars as pl

from oscine.catalog import CatalogConfig, catalog_inputs
from oscine.core import (
    WEB,
    Location,
    file_state,
    file_states,
    is_remote,
    list_entries,
    location,
    texts_below,
)

ABSENT = (-1, -1)
"""The state of a file that is not there."""


def state(path: str | Location) -> tuple[str, int, int | str]:
    """Give a file's path, size, and time of change or version; -1 where there is none.

    Raises:
        RemoteError: A remote place is refused, or cannot be reached.
    """
    return (str(path), *(file_state(path) or ABSENT))


def states(paths: Sequence[str | Location]) -> list[tuple[str, int, int | str]]:
    """Give the states of files that stand alone, in order."""
    found = file_states(paths)
    return [(str(path), *(one or ABSENT)) for path, one in zip(paths, found, strict=True)]


def catalog_state(config: CatalogConfig) -> Any:
    """Give the state of what a catalog's rows follow from: its tables, and names of its files.

    Raises:
        SourceError: A remote folder cannot be listed.
        RemoteError: A remote table is refused, or cannot be reached.
    """
    inputs = catalog_inputs(config)
    return [states(inputs.tables), list(inputs.names)]


def recording_states(recordings: pl.DataFrame) -> list[tuple[str, int, int | str]]:
    """Give the states of a table's files, each once.

    Args:
        recordings: Columns catalog and filepath.

    Raises:
        RemoteError: A remote folder is refused, or cannot be reached.
    """
    rows = recordings.select("catalog", "filepath").unique("filepath", maintain_order=True)
    found: dict[str, tuple[int, int | str]] = {}
    for (_,), part in rows.group_by("catalog", maintain_order=True):
        paths = part["filepath"].to_list()
        remote = [path for path in paths if "://" in path]
        found |= dict.fromkeys(remote, ABSENT)
        found |= _listed(remote) if remote else {}
        local = [path for path in paths if "://" not in path]
        found |= {path: file_state(path) or ABSENT for path in local}
    return [(path, *found[path]) for path in rows["filepath"].to_list()]


def _listed(paths: list[str]) -> dict[str, tuple[int, int | str]]:
    """List the deepest folder that all of a catalog's files are below."""
    protocol, _, first = paths[0].partition("://")
    if protocol in WEB:
        return dict.fromkeys(paths, (0, "web"))
    folders = [posixpath.dirname(path.partition("://")[2]) for path in paths]
    folder = location(f"{protocol}://{posixpath.commonpath(folders)}")
    assert is_remote(folder), first
    entries = list_entries(folder)
    texts = texts_below(folder, list(entries))
    return {
        text: (-1 if entry.size is None else entry.size, entry.version)
        for text, entry in zip(texts, entries.values(), strict=True)
    }
