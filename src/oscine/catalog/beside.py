"""Tables of annotations beside their recordings: the tables, and finding what each is about.

A table names its recording by a path of another machine, by a base name, or only by its own name.
Base names repeat (recorders name files by the time), so the folders decide between them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

import polars as pl

from oscine.catalog.reading import (
    AUDIO_EXTENSIONS,
    Inputs,
    SourceConfig,
    as_source_error,
    local_table,
)
from oscine.core import Location, SourceError, is_remote, list_files

log = logging.getLogger("oscine")

UNKNOWN_EXTENSION = ".wav"
"""Stands in the path of a recording that is not there, and whose table does not name it."""

TEXTS = frozenset({"txt"})

SHOWN = 3
"""How many files a warning names."""


class AnnotationTable(NamedTuple):
    """A table of annotations.

    Args:
        path: Its path below the folder of tables.
        file: The file.
        rows: What it says.
    """

    path: PurePosixPath
    file: Location
    rows: pl.DataFrame


class AudioFolder:
    """The audio files below a folder, by their names.

    Args:
        root: The folder; one that is not there holds nothing.
        paths: The files, where they are known already.
    """

    def __init__(self, root: Location, paths: Iterable[PurePosixPath] | None = None) -> None:
        self.root = root
        self._names: dict[str, list[PurePosixPath]] = defaultdict(list)
        self._stems: dict[str, list[PurePosixPath]] = defaultdict(list)
        for path in files_below(root, AUDIO_EXTENSIONS) if paths is None else paths:
            self._names[path.name.casefold()].append(path)
            self._stems[path.stem.casefold()].append(path)

    def find(self, hint: PurePosixPath, table: PurePosixPath) -> str:
        """Find the recording that a table is about.

        Args:
            hint: The recording's path as far as it is known, without extension or with one that
                may have changed since.
            table: Path of the table.

        Returns:
            The recording's path below the folder. Of several with its name, the one whose folders
            agree with the hint's from the end on, then with the table's. Where no file has its
            name, the path that it would have beside the table.

        Raises:
            SourceError: Several agree equally.
        """
        found = self._named(hint)
        if not found:
            name = hint.name if is_audio(hint) else f"{hint.name}{UNKNOWN_EXTENSION}"
            return (table.parent / name).as_posix()
        agreement = [
            (_shared(path.parent, hint.parent), _shared(path.parent, table.parent))
            for path in found
        ]
        best = [path for path, n in zip(found, agreement, strict=True) if n == max(agreement)]
        if len(best) > 1:
            raise SourceError(
                f"{table} may be about {best[0]} and about {best[1]}",
                where=self.root,
                fix="put the table beside its recording, or name the file with its folders in it",
            )
        return best[0].as_posix()

    def _named(self, hint: PurePosixPath) -> list[PurePosixPath]:
        name, stem = hint.name.casefold(), hint.stem.casefold()
        return self._names.get(name) or self._stems.get(stem if is_audio(hint) else name, [])


def is_audio(path: PurePosixPath) -> bool:
    """Tell by its extension whether a path is a recording's."""
    return path.suffix.lower().lstrip(".") in AUDIO_EXTENSIONS


def _shared(first: PurePosixPath, second: PurePosixPath) -> tuple[int, bool]:
    """Count the folders that two paths share from their ends; the same folder shares most."""
    pairs = list(zip(reversed(first.parts), reversed(second.parts), strict=False))
    n = next((place for place, (a, b) in enumerate(pairs) if a != b), len(pairs))
    return n, first == second


def files_below(root: Location, extensions: frozenset[str]) -> list[PurePosixPath]:
    """List files by their extensions.

    Args:
        root: The folder, which may be remote.
        extensions: In lower case, without the dot.

    Returns:
        Paths below the folder, sorted; hidden files and folders are left out.

    Raises:
        SourceError: A remote folder cannot be listed.
    """
    with as_source_error():
        paths = [PurePosixPath(name) for name in list_files(root)]
    known = (path for path in paths if path.suffix.lower().lstrip(".") in extensions)
    return [path for path in known if not any(part.startswith(".") for part in path.parts)]


def annotation_inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the texts, and the names of the audio files."""
    place, paths = _texts(config)
    audio = files_below(config.path / (config.audio or ""), AUDIO_EXTENSIONS)
    return Inputs(tuple(place / path for path in paths), tuple(map(str, audio)))


def read_tables(
    config: SourceConfig, parse: Callable[[str, Location], pl.DataFrame | None]
) -> list[AnnotationTable]:
    """Read every table of annotations of a catalog.

    Args:
        config: The catalog; `table` is one table, or a folder of them, by default its folder.
        parse: Reads one table from its text and its path; None: the text is something else.

    Returns:
        The tables that say something, in the order of their paths.

    Raises:
        SourceError: There is no table, or the one that is named is none.
    """
    place, paths = _texts(config)
    tables, others = [], []
    for path in paths:
        file = place / path
        rows = parse(read_text(file), file)
        if rows is None:
            others.append(path)
        else:
            tables.append(AnnotationTable(path, file, rows))
    if not tables:
        raise SourceError(
            "no such table" if not paths else f"{len(paths)} text files, and none is such a table",
            where=place,
            fix="check the catalog's path and table",
        )
    if others:
        named = ", ".join(map(str, others[:SHOWN]))
        log.warning("%s: %d text files are no tables, ignored: %s", place, len(others), named)
    if not (filled := [table for table in tables if len(table.rows)]):
        raise SourceError(f"{len(tables)} tables, and nothing is annotated in them", where=place)
    return filled


def _texts(config: SourceConfig) -> tuple[Location, list[PurePosixPath]]:
    """List the texts that may be tables, as paths below the folder that is named with them."""
    if config.table is None:
        return config.path, files_below(config.path, TEXTS)
    place = config.path / config.table
    if PurePosixPath(config.table).suffix.lower() != ".txt":
        return place, files_below(place, TEXTS)
    outside = not is_remote(place) and PurePosixPath(config.table).is_absolute()
    if outside:
        return place.parent, [PurePosixPath(place.name)]
    return config.path, [PurePosixPath(config.table)]


def read_text(path: Location) -> str:
    """Read a text file of unknown origin: UTF-8 with or without BOM, else Windows' Western text.

    Raises:
        SourceError: There is no such file.
    """
    raw = local_table(path).read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def hint_of(text: str) -> PurePosixPath:
    r"""Read a path that a table states, of whatever machine.

    Example:
        >>> hint_of(r"D:\site 3\20190501_050000.WAV").name
        '20190501_050000.WAV'
    """
    return PurePosixPath(text.strip().replace("\\", "/"))
