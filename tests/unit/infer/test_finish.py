from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import generator
from oscine.infer.averaging import Ranks
from oscine.infer.config import ScoringConfig
from oscine.infer.decisions import Decisions
from oscine.infer.events import FileScores
from oscine.infer.finish import Finished, Finisher
from oscine.infer.levels import Level
from oscine.model.calibration import Platt
from synthetic import make_species

SPECIES = make_species(3)
CODES = [one.species_code for one in SPECIES]


def make_result(n_windows: int = 8, hop_s: float = 5.0) -> FileScores:
    scores = generator(0, "scores").random((n_windows, 2, 3)).astype(np.float32)
    start_s = np.arange(n_windows) * hop_s
    levels = (Level((0, 1)),) * n_windows
    return FileScores(Path("a.wav"), start_s, start_s + 10.0, scores, levels, None)


NONE = Decisions(np.full(3, np.nan), ((), (), ()), ())
# The slope lowers every logit by one.
MAP = Platt(n_positive=9, n_negative=9, slope=1.0, intercept=-1.0)


def finish(
    result: FileScores, decisions: Decisions = NONE, ranks: Ranks | None = None, **settings: object
) -> Finished:
    return Finisher(SPECIES, decisions, ScoringConfig(**settings))(result, ranks)


def finished(result: FileScores, **settings: object) -> np.ndarray:
    return finish(result, **settings).scores.select(CODES).to_numpy()


def test_rows_of_five_seconds_of_a_model_that_hears_ten() -> None:
    result = make_result()
    rows = finish(result, row_s=5.0).scores
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
    among_all = finish(result, ranks=ranks, average="rank").scores.select(CODES).to_numpy()
    alone = finished(result, average="rank")
    np.testing.assert_allclose(among_all, alone / 2, rtol=1e-5)


@pytest.mark.parametrize(("merge_gap_s", "n"), [(None, 8), (0.0, 1)])
def test_detections_become_events_only_if_asked(merge_gap_s: float | None, n: int) -> None:
    found = finish(make_result(), threshold=0.0, merge_gap_s=merge_gap_s).detections
    assert len(found.filter(species_code="spec0")) == n


def test_a_recording_without_windows_has_no_rows() -> None:
    empty = make_result(0)
    assert len(finish(empty, row_s=5.0, file_prior="mean").scores) == 0


OWN = Decisions(np.array([0.9, np.nan, 0.0]), ((MAP,), (), ()), ())


def n_found(found: Finished) -> list[int]:
    return [len(found.detections.filter(species_code=code)) for code in CODES]


def test_a_bundles_thresholds_count_for_their_classes() -> None:
    scores = finished(make_result())
    expected = [(scores[:, column] >= low).sum() for column, low in enumerate([0.9, 0.5, 0.0])]
    assert n_found(finish(make_result(), OWN)) == expected
    one = [(column >= 0.5).sum() for column in scores.T]
    assert n_found(finish(make_result(), OWN, bundle_thresholds=False)) == one


@pytest.mark.parametrize("settings", [{"average": "rank"}, {"file_prior": "mean"}], ids=str)
def test_a_bundles_thresholds_do_not_count_on_another_scale(settings: dict[str, str]) -> None:
    found = finish(make_result(), OWN, threshold=0.25, **settings)
    scores = found.scores.select(CODES).to_numpy()
    assert n_found(found) == [(column >= 0.25).sum() for column in scores.T]


def test_calibration_changes_what_is_written_and_not_what_a_bundle_detects() -> None:
    plain, calibrated = finish(make_result(), OWN), finish(make_result(), OWN, calibrate=True)
    assert n_found(calibrated) == n_found(plain)
    assert (calibrated.scores["spec0"] < plain.scores["spec0"]).all()
    assert calibrated.scores["spec1"].equals(plain.scores["spec1"])
    own = finish(make_result(), OWN, calibrate=True, bundle_thresholds=False)
    assert n_found(own)[0] == (calibrated.scores["spec0"] >= 0.5).sum()


ALL = {
    "smoothing": (0.1, 0.2, 0.4, 0.2, 0.1),
    "file_prior": "mean",
    "calibrate": False,
    "threshold": 0.3,
    "merge_gap_s": 0.0,
}


@pytest.mark.parametrize("n_windows", [1, 7, 40])
@pytest.mark.parametrize("average", ["mean", "geometric", "min", "rank"])
@pytest.mark.parametrize("row_s", [None, 3.0, 5.0, 25.0])
def test_no_bit_depends_on_how_long_blocks_are(
    monkeypatch: pytest.MonkeyPatch, n_windows: int, average: str, row_s: float | None
) -> None:
    # Windows of 10 s each 7 s, and with a gap in the middle, which some rows fall into.
    result = make_result(n_windows, hop_s=7.0)
    result.start_s[n_windows // 2 :] += 60.0
    result.end_s[n_windows // 2 :] += 60.0
    whole = finish(result, average=average, row_s=row_s, **ALL)
    for n in (1, 3, 16):
        monkeypatch.setattr("oscine.infer.finish.BLOCK_WINDOWS", n)
        divided = finish(result, average=average, row_s=row_s, **ALL)
        assert divided.scores.equals(whole.scores)
        assert divided.detections.equals(whole.detections)
