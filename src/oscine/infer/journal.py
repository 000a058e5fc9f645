"""What a scan has finished: one Parquet file of raw scores a recording, so that it can go on.

An entry's name is a hash of all that the scores depend on: the file, the bundles, hop and shifts.
Averaging over bundles, smoothing and thresholds are applied afterwards, so changing them scans
nothing again. A long recording comes in stretches, each of which is a file until its last one is
there; `entries` tells what is in a file.

Three files may stand for a recording. NAME.parquet: it is finished. NAME.less.parquet: a scan with
a deadline scored it all along, with less than was asked for. NAME.part.parquet: time was up before
its end, or it is being scanned. Only a finished recording is never scored again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import (
    Location,
    Reason,
    atomic_path,
    file_states,
    fingerprint,
    read_json,
    write_json,
)
from oscine.infer.entries import StoredScores, entry_schema, entry_table
from oscine.infer.events import BLOCK_WINDOWS, UNSCANNED, FileScores, Finding
from oscine.infer.levels import Level
from oscine.infer.parquet import write_blocks
from oscine.model.bundle import SpeciesInfo

FORM = 3
"""The form of an entry; entries of another form are scored again."""


_STRETCH = ".stretch"
"""Suffix of the files of a recording that is under way."""


class _UnderWay:
    """A recording that is being scanned: its latest stretch is here, those before are on disk."""

    def __init__(self, entry: Path) -> None:
        self.levels: set[Level] = set()
        self._entry = entry
        self._latest: pl.DataFrame | None = None
        self._files: list[Path] = []

    def add(self, table: pl.DataFrame, levels: Iterable[Level]) -> None:
        if self._latest is not None:
            file = self._entry.with_name(f".{self._entry.stem}.{len(self._files)}{_STRETCH}")
            file.parent.mkdir(parents=True, exist_ok=True)
            self._latest.write_parquet(file)
            self._files.append(file)
        self._latest = table
        self.levels.update(levels)

    def write(self, path: Path, schema: Mapping[str, Any]) -> None:
        if self._latest is not None and not self._files:
            self._latest.write_parquet(path, row_group_size=BLOCK_WINDOWS)
        else:
            write_blocks(self._tables(), schema, path, BLOCK_WINDOWS)

    def _tables(self) -> Iterator[pl.DataFrame]:
        yield from map(pl.read_parquet, self._files)
        if self._latest is not None:
            yield self._latest

    def remove(self) -> None:
        for file in self._files:
            file.unlink(missing_ok=True)


class Journal:
    """The entries of one scan folder.

    Args:
        folder: Where they stand; made when it is first written to.
        scorer: Fingerprint of the bundles, the hop and the shifts.
        species: The classes, in the order of the scores.
        full: What is done for each window of a recording that is finished.
    """

    def __init__(
        self, folder: Path, scorer: str, species: Sequence[SpeciesInfo], full: Level
    ) -> None:
        self.folder = folder
        self.scorer = fingerprint(FORM, scorer)
        self.species = species
        self.full = full
        self._under_way: dict[Path, _UnderWay] = {}
        for left in folder.glob(f".*{_STRETCH}"):  # by a scan that was killed
            left.unlink()

    def entries(self, paths: Sequence[Location]) -> dict[Location, Path]:
        """Name the entries of recordings as they are now: place, size, time of change or version.

        Raises:
            RemoteError: A remote recording is refused, or cannot be reached.
        """
        states = zip(paths, file_states(paths), strict=True)
        return {path: self._entry(path, state or ()) for path, state in states}

    def _entry(self, path: Location, state: tuple[int | str, ...]) -> Path:
        return self.folder / f"{fingerprint(self.scorer, str(path.absolute()), state)}.parquet"

    def is_finished(self, entry: Path) -> bool:
        """Tell whether a recording was scored with all that is asked for."""
        return entry.exists()

    def is_whole(self, entry: Path) -> bool:
        """Tell whether a recording was scored all along, be it with less."""
        return entry.exists() or _less(entry).exists()

    def add(self, entry: Path, result: FileScores) -> None:
        """Write what a recording gave, or the next stretch of it: its finding, and its scores.

        Args:
            entry: The recording's entry, named before it was read.
            result: What it gave. Without scores it stays unfinished, and is tried again by the
                next scan. With the last stretch, the recording stands.
        """
        if entry not in self._under_way:
            self._under_way[entry] = _UnderWay(entry)
        if len(result.scores):
            self._under_way[entry].add(entry_table(result), result.levels)
        if result.is_last:
            self._stand(entry, result.finding)
            self.drop(entry)

    def is_under_way(self, entry: Path) -> bool:
        """Tell whether stretches of a recording are there, and not its last."""
        return entry in self._under_way

    def keep(self, entry: Path) -> None:
        """Let a recording that is under way stand as cut short, as far as it has come."""
        self._stand(entry, UNSCANNED)

    def drop(self, entry: Path) -> None:
        """Forget a recording that is under way, if it is."""
        if entry in self._under_way:
            self._under_way.pop(entry).remove()

    def _stand(self, entry: Path, finding: Finding | None) -> None:
        """Write a finding and the scores that are there in their place."""
        finding_path = entry.with_suffix(".json")
        if finding is not None:
            write_json(finding_path, {"reason": str(finding.reason), "detail": finding.detail})
        else:
            finding_path.unlink(missing_ok=True)
        levels = self._under_way[entry].levels
        if not levels:
            return
        if finding == UNSCANNED:
            places = [_part(entry)]
        elif levels == {self.full}:
            places = [entry, _less(entry), _part(entry)]
        else:
            places = [_less(entry), _part(entry)]
        with atomic_path(places[0]) as partial:
            self._under_way[entry].write(partial, entry_schema(len(self.species)))
        for superseded in places[1:]:
            superseded.unlink(missing_ok=True)

    def read(self, entry: Path, path: Location) -> StoredScores | None:
        """Open the best that a recording gave.

        Args:
            entry: Its entry.
            path: What it is called now.

        Returns:
            What was written, the finding included; None if it has no scores.
        """
        places = (entry, _less(entry), _part(entry))
        stored = next((place for place in places if place.exists()), None)
        if stored is None:
            return None
        return StoredScores(stored, path, len(self.full.members), self.finding(entry))

    def finding(self, entry: Path) -> Finding | None:
        """Read what stopped a recording's decoding, if anything did."""
        finding_path = entry.with_suffix(".json")
        if not finding_path.exists():
            return None
        data = read_json(finding_path)
        return Finding(Reason(data["reason"]), data["detail"])


def _less(entry: Path) -> Path:
    return entry.with_suffix(".less.parquet")


def _part(entry: Path) -> Path:
    return entry.with_suffix(".part.parquet")
