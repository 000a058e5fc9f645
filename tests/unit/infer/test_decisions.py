from __future__ import annotations

import numpy as np
import pytest

from oscine.infer.decisions import Decisions, decisions
from oscine.model.bundle import BundleInfo
from oscine.model.calibration import Isotonic, Platt, ScoreMap
from synthetic import make_info


def info(
    thresholds: dict[str, float] | None = None, calibration: dict[str, ScoreMap] | None = None
) -> BundleInfo:
    return make_info(2, thresholds=thresholds or {}, calibration=calibration or {})


def platt(intercept: float) -> Platt:
    return Platt(slope=1.0, intercept=intercept, n_positive=9, n_negative=9)


def decided(infos: list[BundleInfo]) -> Decisions:
    return decisions(infos, ["spec0", "spec1"])


SCORES = np.array([[0.3, 0.3], [0.6, 0.6]], dtype=np.float32)


def test_a_bundle_without_thresholds_leaves_the_scan_its_own() -> None:
    found = decided([info()]).detected(SCORES, own=0.5)
    assert found.tolist() == [[False, False], [True, True]]


def test_a_class_with_a_threshold_ignores_the_scans_own() -> None:
    found = decided([info({"spec0": 0.2})]).detected(SCORES, own=0.9)
    assert found.tolist() == [[True, False], [True, False]]


def test_a_score_at_the_threshold_is_a_detection() -> None:
    found = decided([info({"spec0": 0.5})]).detected(np.full((1, 2), 0.5, np.float32), own=0.5)
    assert found.tolist() == [[True, True]]


def test_the_thresholds_of_several_bundles_are_averaged_over_those_that_have_one() -> None:
    pair = decided([info({"spec0": 0.2, "spec1": 0.4}), info({"spec0": 0.6})])
    np.testing.assert_allclose(pair.thresholds, [0.4, 0.4])


def test_classes_without_calibration_keep_their_scores() -> None:
    found = decided([info(calibration={"spec1": platt(1.0)})]).calibrate(SCORES)
    assert found[:, 0].tolist() == SCORES[:, 0].tolist()
    assert (found[:, 1] > SCORES[:, 1]).all()
    assert found.dtype == np.float32


def test_the_calibrations_of_several_bundles_are_averaged() -> None:
    one, other = platt(-1.0), platt(2.0)
    pair = decided([info(calibration={"spec0": one}), info(calibration={"spec0": other})])
    expected = (one.apply(SCORES[:, 0]) + other.apply(SCORES[:, 0])) / 2
    np.testing.assert_allclose(pair.calibrate(SCORES)[:, 0], expected, rtol=1e-6)


def test_calibration_changes_no_detection_of_a_class_with_a_threshold() -> None:
    level = Isotonic(scores=(0.0, 0.9), probabilities=(0.4, 0.4), n_positive=9, n_negative=9)
    both = decided([info({"spec0": 0.5}, {"spec0": level})])
    written = both.calibrate(SCORES)
    assert written[0, 0] == written[1, 0]
    assert both.detected(SCORES, 0.1, written)[:, 0].tolist() == [False, True]


def test_the_scans_own_threshold_is_of_the_scores_that_are_written() -> None:
    both = decided([info(calibration={"spec0": platt(-5.0)})])
    written = both.calibrate(SCORES)
    assert both.detected(SCORES, 0.5)[:, 0].tolist() == [False, True]
    assert both.detected(SCORES, 0.5, written)[:, 0].tolist() == [False, False]


def test_thresholds_of_no_class_are_refused() -> None:
    with pytest.raises(ValueError, match="no class: brant"):
        info({"brant": 0.5})


def test_a_class_that_a_bundle_does_not_know_has_the_thresholds_of_the_others() -> None:
    found = decisions([info({"spec0": 0.2})], ["brant", "spec0"])
    assert np.isnan(found.thresholds[0])
    assert found.thresholds[1] == 0.2
    assert found.maps == ((), ())
