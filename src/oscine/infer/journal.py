"""What a scan has finished: one Parquet file of raw scores a recording, so that it can go on.

An entry's name is a hash of all that the scores depend on: the file, the bundles and the hop.
Smoothing and thresholds are applied afterwards, so changing them scans nothing again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
from oscine.infer.scoring import FileScores, Finding
from oscine.infer.tables import path_text, scores_table
from oscine.model.bundle import SpeciesInfo


class Journal:
    """The entries of one scan folder.

    Args:
        folder: Where they stand; made when it is first written to.
        scorer: Fingerprint of the bundles and the hop.
        species: The classes, in the order of the scores.
    """

    def __init__(self, folder: Path, scorer: str, species: Sequence[SpeciesInfo]) -> None:
        self.folder = folder
        self.scorer = scorer
        self.species = species

    def entries(self, paths: Sequence[Location]) -> dict[Location, Path]:
        """Name the entries of recordings as they are now: place, size, time of change or version.

        Raises:
            RemoteError: A remote recording is refused, or cannot be reached.
        """
        states = zip(paths, file_states(paths), strict=True)
        return {path: self._entry(path, state or ()) for path, state in states}

    def _entry(self, path: Location, state: tuple[int | str, ...]) -> Path:
        return self.folder / f"{fingerprint(self.scorer, str(path.absolute()), state)}.parquet"

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
        if len(result.scores):
            table = scores_table(
                result.path, result.start_s, result.end_s, result.scores, self.species
            )
            with atomic_path(entry) as partial:
                table.write_parquet(partial)

    def scores(self, entry: Path, path: Location) -> pl.DataFrame:
        """Read a finished recording's raw scores; `filepath` says what it is called now."""
        return pl.read_parquet(entry).with_columns(pl.lit(path_text(path)).alias("filepath"))

    def finding(self, entry: Path) -> Finding | None:
        """Read what stopped a recording's decoding, if anything did."""
        finding_path = entry.with_suffix(".json")
        if not finding_path.exists():
            return None
        data = read_json(finding_path)
        return Finding(Reason(data["reason"]), data["detail"])
