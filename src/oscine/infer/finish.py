"""Raw scores of a recording -> its rows of the scores table and of the detections, by settings."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from oscine.audio.clock import recorded_at
from oscine.infer.averaging import Ranks, average
from oscine.infer.config import ScoringConfig
from oscine.infer.decisions import Decisions
from oscine.infer.events import FileScores
from oscine.infer.postprocess import (
    detect,
    merge_events,
    overlap_weights,
    row_spans,
    scale_by_file,
    smooth,
)
from oscine.infer.tables import scores_table
from oscine.model.bundle import SpeciesInfo


@dataclass(frozen=True, eq=False)
class Finished:
    """What a recording comes to.

    Args:
        scores: One row a window, or a row of the grid that the settings ask for: filepath,
            start_s, end_s and one column a species code.
        detections: Columns as `DETECTIONS`; events, if the settings ask for them.
    """

    scores: pl.DataFrame
    detections: pl.DataFrame


class Finisher:
    """Finishes recordings of one scan.

    Args:
        species: The classes, in the order of the scores.
        decisions: Thresholds and calibration of the bundles.
        config: Settings.
    """

    def __init__(
        self, species: list[SpeciesInfo], decisions: Decisions, config: ScoringConfig
    ) -> None:
        self.species = species
        self.decisions = decisions
        self.config = config

    def __call__(self, result: FileScores, ranks: Ranks | None = None) -> Finished:
        """Average over bundles and then over windows, smooth, scale by the recording, and decide.

        Args:
            result: Raw scores of one recording.
            ranks: Ranks among all windows of a scan; None: among those of this recording.

        Returns:
            Its rows of the tables.
        """
        config, members = self.config, result.scores
        if config.average == "rank":
            if ranks is None:
                ranks = Ranks(*members.shape[1:])
                ranks.add(members)
            members = ranks.of(members)
        scores, start_s, end_s = average(members, config.average), result.start_s, result.end_s
        if config.row_s is not None and len(scores):
            rows = row_spans(float(end_s.max()), config.row_s)
            weights = overlap_weights(start_s, end_s, config.row_s, len(rows[0]))
            scores = (weights @ scores).astype(scores.dtype)
            start_s, end_s = rows
        scores = scale_by_file(smooth(scores, config.smoothing), config.file_prior)
        written = self.decisions.calibrate(scores) if config.calibrate else scores
        if config.bundle_thresholds and config.keeps_scale:
            detected = self.decisions.detected(scores, config.threshold, written)
        else:
            detected = written >= config.threshold
        table = scores_table(result.path, start_s, end_s, written, self.species)
        found = detect(table, self.species, detected, recorded_at(result.path))
        if config.merge_gap_s is not None:
            found = merge_events(found, config.merge_gap_s, config.min_event_s)
        return Finished(table, found)
