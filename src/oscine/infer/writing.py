"""The tables of a scan, kept recording by recording, and written whole as often as asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from oscine.catalog.tables import FINDINGS, conform, empty, write_table
from oscine.core import Location, Reason, atomic_path
from oscine.infer.averaging import Ranks
from oscine.infer.config import ScanConfig
from oscine.infer.events import UNSCANNED, FileScores
from oscine.infer.finish import Finisher
from oscine.infer.joining import join_files
from oscine.infer.journal import Journal
from oscine.infer.levels import Level
from oscine.infer.result import DETECTIONS_FILE, FINDINGS_FILE, ScanResult
from oscine.infer.tables import DETECTIONS, path_text, scores_schema
from oscine.infer.writers.registry import write_formats


class ScanTables:
    """What a scan has found so far. On disk: a piece for each recording; in memory: detections.

    Args:
        journal: The scan's journal.
        entries: Entry of each recording, in the order of the tables.
        finish: Makes rows of the tables of raw scores.
        config: Settings.
        result: Names the folder, which exists.
    """

    def __init__(
        self,
        journal: Journal,
        entries: Mapping[Location, Path],
        finish: Finisher,
        config: ScanConfig,
        result: ScanResult,
    ) -> None:
        self.journal = journal
        self.entries = entries
        self.finish = finish
        self.config = config
        self.result = result
        self.levels: dict[Location, frozenset[Level]] = {}
        """What was done for the windows of each recording that has scores."""
        self._detections: dict[Location, pl.DataFrame] = {}
        self._folder = result.folder / "pieces"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    def read(self, paths: Iterable[Location]) -> None:
        """Take in recordings as they stand in the journal; those without scores are passed over."""
        for path in paths:
            if (scores := self.journal.read(self.entries[path], path)) is not None:
                self.take(scores)

    def take(self, scores: FileScores) -> None:
        """Take in what a recording gave; what it gave before is replaced."""
        if not len(scores.scores):
            return
        self.levels[scores.path] = frozenset(scores.levels)
        if self.config.average != "rank":  # ranks are known when all is there
            self._finish(scores, None)

    def write(self) -> None:
        """Write all tables and formats of what is there so far, each one atomically."""
        if self.config.average == "rank":
            self._rank()
        known = [path for path in self.entries if path in self._detections]
        with atomic_path(self.result.scores_path) as partial:
            if known:
                join_files([self._piece(path) for path in known], partial)
            else:
                pl.DataFrame(schema=scores_schema(self.journal.species)).write_parquet(partial)
        found = pl.concat([empty(DETECTIONS), *(self._detections[path] for path in known)])
        write_table(found, self.result.folder / DETECTIONS_FILE, DETECTIONS)
        write_table(self._findings(), self.result.folder / FINDINGS_FILE, FINDINGS)
        write_formats(self.config.formats, self.result)

    def cut_short(self) -> dict[str, int]:
        """Count recordings that a deadline left at the class prior, from the start or later on."""
        found = self._findings().filter(pl.col("reason") == str(Reason.UNSCANNED))
        n_whole = int(found["quarantined"].sum())
        counts = {"the whole recording": n_whole, "the end of the recording": len(found) - n_whole}
        return {what: n for what, n in counts.items() if n}

    def close(self) -> None:
        """Delete the pieces; the tables stay."""
        shutil.rmtree(self._folder)

    def _rank(self) -> None:
        ranks = Ranks(len(self.journal.full.members), len(self.journal.species))
        for path in self.levels:
            if (scores := self.journal.read(self.entries[path], path)) is not None:
                ranks.add(scores.scores)
        for path in self.levels:
            if (scores := self.journal.read(self.entries[path], path)) is not None:
                self._finish(scores, ranks)

    def _finish(self, scores: FileScores, ranks: Ranks | None) -> None:
        finished = self.finish(scores, ranks)
        with atomic_path(self._piece(scores.path)) as partial:
            finished.scores.write_parquet(partial)
        self._detections[scores.path] = finished.detections

    def _piece(self, path: Location) -> Path:
        return self._folder / self.entries[path].name

    def _findings(self) -> pl.DataFrame:
        rows = []
        for path, entry in self.entries.items():
            is_scored = path in self.levels
            finding = self.journal.finding(entry) or (None if is_scored else UNSCANNED)
            if finding is not None:
                rows.append(
                    {
                        "recording_id": path_text(path),
                        "filepath": path_text(path),
                        "reason": str(finding.reason),
                        "quarantined": not is_scored,
                        "detail": finding.detail,
                    }
                )
        return conform(pl.DataFrame(rows), FINDINGS) if rows else empty(FINDINGS)
