from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import generator
from oscine.infer.averaging import Ranks
from oscine.infer.config import ScoringConfig
from oscine.infer.events import FileScores
from oscine.infer.finish import find_detections, finish_scores
from oscine.infer.levels import Level
from synthetic import make_species

SPECIES = make_species(3)
CODES = [one.species_code for one in SPECIES]


def make_result(n_windows: int = 8, hop_s: float = 5.0) -> FileScores:
    scores = generator(0, "scores").random((n_windows, 2, 3)).astype(np.float32)
    start_s = np.arange(n_windows) * hop_s
    levels = (Level((0, 1)),) * n_windows
    return FileScores(Path("a.wav"), start_s, start_s + 10.0, scores, levels, None)


def finished(result: FileScores, **settings: object) -> np.ndarray:
    return finish_scores(result, SPECIES, ScoringConfig(**settings)).select(CODES).to_numpy()


def test_rows_of_five_seconds_of_a_model_that_hears_ten() -> None:
    result = make_result()
    rows = finish_scores(result, SPECIES, ScoringConfig(row_s=5.0))
    assert rows["start_s"].to_list() == [5.0 * row for row in range(9)]
    mean = result.scores.mean(axis=1)
    # A row lies under two windows of ten seconds, the first and the last row under one.
    expected = np.concatenate([mean[:1], (mean[1:] + mean[:-1]) / 2, mean[-1:]])
    np.testing.assert_allclose(rows.select(CODES).to_numpy(), expected, rtol=1e-6)


def test_rows_are_smoothed_and_then_scaled_by_the_recording() -> None:
    result = make_result()
    smoothed = finished(result, smoothing=(1.0, 2.0, 1.0))
    both = finished(result, smoothing=(1.0, 2.0, 1.0), file_prior="max")
    np.testing.assert_allclose(both, smoothed * smoothed.max(axis=0), rtol=1e-6)


def test_ranks_are_among_the_windows_that_were_counted() -> None:
    result = make_result()
    ranks = Ranks(2, 3)
    ranks.add(result.scores)
    ranks.add(np.ones((8, 2, 3), dtype=np.float32))
    config = ScoringConfig(average="rank")
    among_all = finish_scores(result, SPECIES, config, ranks).select(CODES).to_numpy()
    alone = finish_scores(result, SPECIES, config).select(CODES).to_numpy()
    np.testing.assert_allclose(among_all, alone / 2, rtol=1e-5)


@pytest.mark.parametrize(("merge_gap_s", "n"), [(None, 8), (0.0, 1)])
def test_detections_become_events_only_if_asked(merge_gap_s: float | None, n: int) -> None:
    config = ScoringConfig(threshold=0.0, merge_gap_s=merge_gap_s)
    scores = finish_scores(make_result(), SPECIES, config)
    found = find_detections(scores, SPECIES, config)
    assert len(found.filter(species_code="spec0")) == n


def test_a_recording_without_windows_has_no_rows() -> None:
    empty = make_result(0)
    assert len(finish_scores(empty, SPECIES, ScoringConfig(row_s=5.0, file_prior="mean"))) == 0
