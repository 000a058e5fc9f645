from __future__ import annotations

import json

import numpy as np
import pytest

from oscine.core import generator
from oscine.evaluate import CalibrationConfig, Decided, deal, decide
from oscine.model.bundle import BundleInfo
from oscine.pipeline.decisions import bundle_fields, decided_to_plain, source_of, with_decisions
from synthetic import make_info

CONFIG = CalibrationConfig(precision=0.6)
CODES = ["spec0", "spec1", "spec2"]


def decided(n_groups: int = 50) -> Decided:
    draws = generator(0, "decisions")
    scores = draws.random((200, 3))
    truth = draws.random(scores.shape) < scores
    truth[:, 2] = False
    groups = deal([row % n_groups for row in range(200)])
    return decide(truth, scores, np.ones(truth.shape, dtype=bool), groups, CONFIG)


@pytest.fixture(scope="module")
def plain() -> dict[str, object]:
    source = source_of("soundscapes", "labels.csv", CONFIG, 200, 50)
    return decided_to_plain(decided(), CODES, CONFIG, source)


def test_it_is_json_without_nan(plain: dict[str, object]) -> None:
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_class_without_positives_has_no_threshold_and_a_common_calibration(plain) -> None:
    assert set(plain["thresholds"]) == {"spec0", "spec1"}
    assert set(plain["calibration"]) == set(CODES)
    assert plain["calibration"]["spec2"]["n_positive"] == 0
    row = plain["classes"][2]
    assert (row["threshold"], row["precision"], row["crossed_precision"]) == (None, None, None)


def test_the_crossed_detections_of_the_classes_add_up(plain) -> None:
    total = sum(row["crossed_detections"] for row in plain["classes"])
    assert plain["crossed"]["detections"] == total > 0
    assert plain["n_parts"] == 5


def test_a_bundle_takes_them_over_and_reads_them_again(plain) -> None:
    new = with_decisions(make_info(format_version=1), plain)
    assert new.format_version == 2
    assert new.thresholds == plain["thresholds"]
    assert new.to_plain()["calibration"] == plain["calibration"]
    assert BundleInfo.model_validate(new.to_plain()) == new
    source = new.calibration_source
    assert source is not None
    assert "precision 0.6 on 200 windows of 50 annotated recordings" in source.tell()


def test_what_a_bundle_had_before_is_replaced_as_a_whole(plain) -> None:
    old = with_decisions(make_info(format_version=1), plain)
    new = with_decisions(old, plain | {"thresholds": {}, "calibration": {}})
    assert (new.thresholds, new.calibration) == ({}, {})


def test_nothing_decided_gives_a_bundle_nothing() -> None:
    assert bundle_fields(None) == {}


def test_one_group_leaves_what_was_tried_elsewhere_out() -> None:
    plain = decided_to_plain(decided(1), CODES, CONFIG, {})
    assert plain["n_parts"] == 1
    assert plain["crossed"] is None
    assert plain["reliability"]["after"] is None
    assert plain["classes"][0]["crossed_precision"] is None
