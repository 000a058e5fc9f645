"""What a scan leaves behind, as writers and callers read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from oscine.catalog.tables import FINDINGS, read_table
from oscine.infer.tables import DETECTIONS
from oscine.model.bundle import SpeciesInfo

SCORES_FILE = "scores.parquet"
DETECTIONS_FILE = "detections.parquet"
FINDINGS_FILE = "findings.parquet"
SETTINGS_FILE = "settings.json"
"""With what a scan was made: `bundles`, `settings`."""
DEADLINE_FILE = "deadline.json"
"""What a deadline cost: `deadline_s`, `took_s`, `stopped`, `left_out`."""


@dataclass(frozen=True)
class ScanResult:
    """A scan's folder and what its numbers mean.

    Args:
        folder: Holds `scores.parquet`, `detections.parquet` and `findings.parquet`.
        species: The classes, in the order of the score columns.
        f_min_hz: Lowest frequency that the model hears, Hz.
        f_max_hz: Highest frequency that the model hears, Hz.
        recordings: Recordings that were asked for, as the tables name them.
        n_scanned: Recordings that this call scored; the others were finished or unreadable.
        sample_submission: The competition's `sample_submission.csv`; None: there is none.
        left_out: What was left out for want of time -> in how many recordings.
        is_stopped: Whether the process was asked to end before the scan was done.
    """

    folder: Path
    species: tuple[SpeciesInfo, ...]
    f_min_hz: float
    f_max_hz: float
    recordings: tuple[str, ...]
    n_scanned: int
    sample_submission: Path | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    is_stopped: bool = False

    @property
    def n_recordings(self) -> int:
        """How many recordings were asked for."""
        return len(self.recordings)

    @property
    def scores_path(self) -> Path:
        """The scores of every window: filepath, start_s, end_s, one column a species code."""
        return self.folder / SCORES_FILE

    def scores(self) -> pl.LazyFrame:
        """Open the scores without reading them all."""
        return pl.scan_parquet(self.scores_path)

    def detections(self) -> pl.DataFrame:
        """Read the detections: one row a score at or above the threshold."""
        return read_table(self.folder / DETECTIONS_FILE, DETECTIONS)

    def findings(self) -> pl.DataFrame:
        """Read the findings: one row a recording that could not be read, or not to its end."""
        return read_table(self.folder / FINDINGS_FILE, FINDINGS)
