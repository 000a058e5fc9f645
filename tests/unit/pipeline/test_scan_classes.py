from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.catalog import Species
from oscine.evaluate import AnnotatedWindows, BootstrapConfig, bootstrap_classes
from oscine.evaluate.by_class import RECALLS
from oscine.model.bundle import BundleInfo
from oscine.pipeline.scan_classes import CLASSES, class_rows, class_table, curve_table, focal_gap
from synthetic import make_info

CODES = ["spec0", "spec1", "spec2"]
SPECIES = [Species(code) for code in CODES]


@pytest.fixture
def found() -> AnnotatedWindows:
    windows = pl.DataFrame({"filepath": ["a", "a", "b", "b"], "start_s": [0.0, 5.0] * 2})
    targets = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1]], dtype=np.float32)
    scores = np.array([[0.9, 0.1, 0.5], [0.7, 0.2, 0.5], [0.3, 0.3, 0.5], [0.1, 0.4, 0.5]])
    return AnnotatedWindows(windows, CODES, targets, scores.astype(np.float32), {}, [], [], 0)


def rows(found: AnnotatedWindows, bundle: BundleInfo | None) -> list[dict[str, object]]:
    scores = bootstrap_classes(found.targets, found.scores, found.groups, 0, BootstrapConfig(n=10))
    return class_rows(found, SPECIES, scores, bundle)


def test_a_class_says_why_it_was_not_scored(found: AnnotatedWindows) -> None:
    table = class_table(rows(found, None))
    assert table.columns == list(CLASSES)
    assert table["reason"].to_list() == [
        None,
        "nobody heard it in these recordings",
        "it was heard in every window",
    ]
    assert table["n_recordings"].to_list() == [2, 0, 2]


def test_a_threshold_says_what_it_gives_here(found: AnnotatedWindows) -> None:
    first, second, third = rows(found, make_info(thresholds={"spec0": 0.2, "spec1": 0.9}))
    assert (first["n_detections"], first["precision"], first["recall"]) == (3, 2 / 3, 1.0)
    assert (second["n_detections"], second["precision"], second["recall"]) == (0, None, None)
    assert third["threshold"] is None


def test_a_curve_has_a_row_a_recall_for_classes_with_positives(found: AnnotatedWindows) -> None:
    scores = bootstrap_classes(found.targets, found.scores, found.groups, 0, BootstrapConfig(n=10))
    table = curve_table(CODES, scores)
    assert table["species_code"].unique(maintain_order=True).to_list() == ["spec0", "spec2"]
    assert table.filter(species_code="spec0")["recall"].to_list() == RECALLS.tolist()


def test_a_bundle_that_does_not_tell_its_classes_gives_no_gap(found: AnnotatedWindows) -> None:
    assert focal_gap(rows(found, make_info()), make_info())["same_classes"] == {}


def test_the_gap_averages_the_classes_that_both_score(found: AnnotatedWindows) -> None:
    focal = {"average_precision": 1.0, "roc_auc": None}
    bundle = make_info(training={"classes": {"spec0": focal, "spec1": focal, "spec2": focal}})
    told = focal_gap(rows(found, bundle), bundle)
    assert told["focal_classes"] == 3
    gap = told["same_classes"]
    assert list(gap) == ["average_precision"]
    assert gap["average_precision"]["n_classes"] == 2
    assert gap["average_precision"]["gap"] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2 - 1)
