"""The tables of a scan, kept recording by recording, and written whole as often as asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from oscine.catalog.tables import FINDINGS, conform, empty, write_table
from oscine.core import Location, Reason, atomic_path
from oscine.infer.averaging import Ranks
from oscine.infer.config import ScanConfig
from oscine.infer.events import UNSCANNED, FileScores, RawScores
from oscine.infer.finish import Finisher, rank
from oscine.infer.journal import Journal
from oscine.infer.levels import Level
from oscine.infer.parquet import group_rows, write_blocks
from oscine.infer.result import DETECTIONS_FILE, FINDINGS_FILE, ScanResult
from oscine.infer.spool import Records, Spool
from oscine.infer.tables import (
    DETECTIONS,
    FOUND,
    Found,
    Rows,
    detections_table,
    path_text,
    rows_form,
    scores_schema,
    scores_table,
)
from oscine.infer.writers.registry import write_formats
from oscine.infer.writers.submission import Submission, begin


class ScanTables:
    """What a scan has found so far. On disk: rows and detections.

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
        self._rows = Spool(result.folder / ".rows", rows_form(len(journal.species)))
        self._found = Spool(result.folder / ".found", FOUND)
        self._submission = begin(result) if "submission" in config.formats else None

    def read(self, paths: Iterable[Location]) -> None:
        """Take in recordings as they stand in the journal; those without scores are passed over."""
        for path in paths:
            if (raw := self.journal.read(self.entries[path], path)) is not None:
                self._take(raw)

    def add(self, result: FileScores) -> None:
        """Take in what a recording gave, or its next stretch; what it gave before is replaced."""
        entry = self.entries[result.path]
        has_begun = self.journal.is_under_way(entry)
        self.journal.add(entry, result)
        if result.is_last and has_begun:
            self.read([result.path])
        elif result.is_last and len(result.scores):
            self._take(result)  # it need not be read again

    def keep(self, path: Location) -> None:
        """Take in what there is of a recording that is under way."""
        self.journal.keep(self.entries[path])
        self.read([path])

    def write(self) -> None:
        """Write all tables and formats of what is there so far, each one atomically."""
        if self.config.average == "rank" and self.levels:
            self._rank()
        known = [path for path in self.entries if path in self.levels]
        with atomic_path(self.result.scores_path) as partial:
            rows = group_rows(self._rows.count(known))
            write_blocks(self._scores(known), scores_schema(self.journal.species), partial, rows)
        with atomic_path(self.result.folder / DETECTIONS_FILE) as partial:
            types = {name: column.dtype for name, column in DETECTIONS.items()}
            rows = group_rows(self._found.count(known))
            write_blocks(self._detections(known), types, partial, rows)
        write_table(self._findings(), self.result.folder / FINDINGS_FILE, FINDINGS)
        write_formats([one for one in self.config.formats if one != "submission"], self.result)
        if self._submission is not None:
            self._submission.write(self.result.folder)

    def cut_short(self) -> dict[str, int]:
        """Count recordings that a deadline left at the class prior, from the start or later on."""
        found = self._findings().filter(pl.col("reason") == str(Reason.UNSCANNED))
        n_whole = int(found["quarantined"].sum())
        counts = {"the whole recording": n_whole, "the end of the recording": len(found) - n_whole}
        return {what: n for what, n in counts.items() if n}

    def close(self) -> None:
        """Delete what only a scan that goes on needs; the tables stay."""
        self._rows.close()
        self._found.close()

    def _take(self, raw: RawScores) -> None:
        self.levels[raw.path] = frozenset(raw.levels)
        if self.config.average != "rank":  # ranks are known when all is there
            self._finish(raw, None)

    def _rank(self) -> None:
        ranks = rank(self._stored())
        self._rows.clear()
        self._found.clear()
        if self._submission is not None:
            self._submission.clear()
        for raw in self._stored():
            self._finish(raw, ranks)

    def _stored(self) -> Iterator[RawScores]:
        for path in self.levels:
            if (raw := self.journal.read(self.entries[path], path)) is not None:
                yield raw

    def _finish(self, raw: RawScores, ranks: Ranks | None) -> None:
        found: list[Found] = []

        def rows() -> Iterator[Records]:
            for block in self.finish.blocks(raw, ranks):
                found.append(block.found)
                yield block.rows.records()

        self._rows.add(raw.path, rows())
        self._found.add(raw.path, [self.finish.join(found)])
        if self._submission is not None:
            self._fill(self._submission, raw.path, raw.finding is None)

    def _fill(self, submission: Submission, path: Location, is_whole: bool) -> None:
        held = [records for block in self._rows.read([path]) for _, records in block]
        (rows,) = _rows([(path, np.concatenate(held))])
        unasked = submission.kind == "scores"
        detections = empty(DETECTIONS) if unasked else pl.concat(self._detections([path]))
        submission.add(rows, detections, is_whole)

    def _scores(self, paths: Iterable[Location]) -> Iterator[pl.DataFrame]:
        for held in self._rows.read(paths):
            yield scores_table(_rows(held), self.journal.species)

    def _detections(self, paths: Iterable[Location]) -> Iterator[pl.DataFrame]:
        yield empty(DETECTIONS)
        for held in self._found.read(paths):
            named = [(path_text(path), found) for path, found in held]
            yield detections_table(named, self.journal.species)

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


def _rows(held: Iterable[tuple[Location, Records]]) -> list[Rows]:
    return [Rows(path_text(path), r["start_s"], r["end_s"], r["scores"]) for path, r in held]
