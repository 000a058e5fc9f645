"""What a scan has finished: one Parquet file of raw scores a recording, so that it can go on.

An entry's name is a hash of all that the scores depend on: the file, the bundles, hop and shifts.
It holds a row for each window and bundle that scored it, with the shifts at which the bundle heard
it. Averaging over bundles, smoothing and thresholds are applied afterwards, so changing them scans
nothing again.

Three files may stand for a recording. NAME.parquet: it is finished. NAME.less.parquet: a scan with
a deadline scored it all along, with less than was asked for. NAME.part.parquet: time was up before
its end, or it is being scanned. Only a finished recording is never scored again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
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
from oscine.infer.events import FileScores, Finding
from oscine.infer.levels import Level
from oscine.model.bundle import SpeciesInfo

FORM = 2
"""The form of an entry; entries of another form are scored again."""


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
        self._codes = [one.species_code for one in species]

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
        """Write what a recording gave: its finding, and its scores if it has any.

        Args:
            entry: The recording's entry, named before it was read.
            result: What it gave. Without scores it stays unfinished, and is tried again by the
                next scan.
        """
        finding_path = entry.with_suffix(".json")
        if result.finding is not None:
            finding = {"reason": str(result.finding.reason), "detail": result.finding.detail}
            write_json(finding_path, finding)
        else:
            finding_path.unlink(missing_ok=True)
        if not len(result.scores):
            return
        if result.is_cut_short:
            places = [_part(entry)]
        elif set(result.levels) == {self.full}:
            places = [entry, _less(entry), _part(entry)]
        else:
            places = [_less(entry), _part(entry)]
        with atomic_path(places[0]) as partial:
            self._table(result).write_parquet(partial)
        for superseded in places[1:]:
            superseded.unlink(missing_ok=True)

    def _table(self, result: FileScores) -> pl.DataFrame:
        asked = [(row, member) for row, one in enumerate(result.levels) for member in one.members]
        row, member = np.array(asked).T
        scores = result.scores[row, member]
        return pl.DataFrame(
            {
                "start_s": result.start_s[row],
                "end_s": result.end_s[row],
                "member": member.astype(np.uint8),
                "shifts": [list(result.levels[one].shifts) for one in row.tolist()],
                "stride": np.array([result.levels[one].stride for one in row.tolist()], np.uint32),
                **{code: scores[:, index] for index, code in enumerate(self._codes)},
            },
            schema_overrides={"shifts": pl.List(pl.Int64)},
        )

    def read(self, entry: Path, path: Location) -> FileScores | None:
        """Read the best that a recording gave.

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
        table = pl.read_parquet(stored)
        firsts = (table["start_s"].diff().fill_null(1.0) > 0).to_numpy()
        row, member = np.cumsum(firsts) - 1, table["member"].to_numpy()
        shape = (int(firsts.sum()), len(self.full.members), len(self._codes))
        scores = np.full(shape, np.nan, dtype=np.float32)
        scores[row, member] = table.select(self._codes).to_numpy()
        starts = np.flatnonzero(firsts)
        members = np.split(member, starts[1:])
        shifts, stride = table["shifts"].to_list(), table["stride"].to_list()
        return FileScores(
            path=path,
            start_s=table["start_s"].to_numpy()[starts],
            end_s=table["end_s"].to_numpy()[starts],
            scores=scores,
            levels=tuple(
                Level(tuple(asked.tolist()), tuple(shifts[first]), stride[first])
                for first, asked in zip(starts.tolist(), members, strict=True)
            ),
            finding=self.finding(entry),
        )

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
