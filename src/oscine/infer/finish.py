"""Raw scores of a recording -> its rows of the scores table and of the detections, by settings."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from oscine.infer.averaging import Ranks, average
from oscine.infer.config import ScoringConfig
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


def finish_scores(
    result: FileScores,
    species: Sequence[SpeciesInfo],
    config: ScoringConfig,
    ranks: Ranks | None = None,
) -> pl.DataFrame:
    """Average over bundles, then over windows, then smooth, then scale by the recording.

    Args:
        result: Raw scores of one recording.
        species: The classes, in the order of the scores.
        config: Settings.
        ranks: Ranks among all windows of a scan; None: among those of this recording.

    Returns:
        One row a window, or a row of the grid that the settings ask for: filepath, start_s, end_s
        and one column a species code.
    """
    members = result.scores
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
    return scores_table(result.path, start_s, end_s, scores, species)


def find_detections(
    scores: pl.DataFrame, species: Sequence[SpeciesInfo], config: ScoringConfig
) -> pl.DataFrame:
    """List the detections of one recording, merged to events if the settings ask for it.

    Args:
        scores: As `finish_scores` gives them.
        species: The classes.
        config: Settings.

    Returns:
        Columns as `DETECTIONS`.
    """
    found = detect(scores, species, config.threshold)
    if config.merge_gap_s is None:
        return found
    return merge_events(found, config.merge_gap_s, config.min_event_s)
