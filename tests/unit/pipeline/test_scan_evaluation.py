from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.core import ScanError, read_json, write_json
from oscine.evaluate import AlignConfig, BootstrapConfig, bootstrap_intervals
from oscine.evaluate.soundscapes import WINDOW
from oscine.model.bundle import read_bundle
from oscine.pipeline.scan_evaluation import (
    RECORD_FILE,
    SEED,
    AnnotatedScan,
    evaluate_scan,
    read_scores,
)
from synthetic import make_annotated_scan, make_bundle

FEW = BootstrapConfig(n=50)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> AnnotatedScan:
    bundle, scan, annotations = make_annotated_scan(tmp_path_factory.mktemp("annotated"))
    return AnnotatedScan(scan, annotations, bundle)


def unrecorded(scan: Path, copy: Path, **record: object) -> Path:
    """Copy a scan's tables with another record of how it was made, or with none."""
    copy.mkdir()
    for name in ("scores.parquet", "detections.parquet"):
        shutil.copy(scan / name, copy / name)
    if record:
        write_json(copy / RECORD_FILE, record)
    return copy


def test_metrics_are_those_of_the_windows_drawn_by_recording(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    told = evaluate_scan(asked, tmp_path, FEW)
    scores = read_scores(asked.scan)
    labels = pl.read_csv(asked.annotations, infer_schema=False)["primary_label"]
    truth = np.stack([labels.str.contains(t) for t in ("spec0", "Avis 1", "Avis 2")], axis=1)
    values = scores.drop(WINDOW).to_numpy()
    expected = bootstrap_intervals(truth, values, scores["filepath"].to_list(), SEED, FEW)
    assert told["metrics"] == {name: value and value.to_plain() for name, value in expected.items()}
    assert told["metrics"]["cmap"]["low"] < told["metrics"]["cmap"]["high"]
    assert (told["n_recordings"], told["n_windows"], told["n_scored"]) == (6, 72, 2)
    assert told["not_scored"] == {"spec2": "nobody heard it in these recordings"}


def test_what_is_told_is_what_is_kept(asked: AnnotatedScan, tmp_path: Path) -> None:
    told = evaluate_scan(asked, tmp_path, FEW)
    assert read_json(tmp_path / "metrics.json") == json.loads(json.dumps(told, allow_nan=False))
    classes = pl.read_parquet(tmp_path / "per_class.parquet")
    assert classes["species_code"].to_list() == ["spec0", "spec1", "spec2"]
    assert classes["scientific_name"][1] == "Avis 1"
    assert classes["n_recordings"].to_list()[0] == 6
    curves = pl.read_parquet(tmp_path / "curves.parquet")
    assert curves["species_code"].unique().sort().to_list() == ["spec0", "spec1"]


def test_a_perfect_class_has_an_area_of_one(asked: AnnotatedScan, tmp_path: Path) -> None:
    evaluate_scan(asked, tmp_path, FEW)
    row = pl.read_parquet(tmp_path / "per_class.parquet").row(0, named=True)
    assert (row["average_precision"], row["roc_auc"]) == (1.0, 1.0)


def test_without_a_bundle_names_come_from_the_detections_and_there_is_no_gap(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    scan = unrecorded(asked.scan, tmp_path / "scan")
    told = evaluate_scan(AnnotatedScan(scan, asked.annotations), tmp_path, FEW)
    assert told["gap"] is None
    assert told["unknown_labels"] == {}
    classes = pl.read_parquet(tmp_path / "per_class.parquet")
    assert classes["scientific_name"].to_list()[:2] == ["Avis 0", "Avis 1"]


def test_the_gap_is_on_the_classes_that_both_score(asked: AnnotatedScan, tmp_path: Path) -> None:
    where = asked.bundle / "bundle.json"
    before = read_json(where)
    focal = {"n_validation": 9, "average_precision": 0.9, "roc_auc": 0.8}
    training = {"metrics": {"cmap": {"value": 0.9}}, "classes": {"spec1": focal, "spec2": focal}}
    write_json(where, before | {"training": training})
    gap = evaluate_scan(asked, tmp_path, FEW)["gap"]
    write_json(where, before)
    assert gap["focal_metrics"] == training["metrics"]
    auc = gap["same_classes"]["roc_auc"]
    row = pl.read_parquet(tmp_path / "per_class.parquet").row(1, named=True)
    assert (auc["n_classes"], auc["focal"], auc["soundscape"]) == (1, 0.8, row["roc_auc"])
    assert auc["gap"] == pytest.approx(row["roc_auc"] - 0.8)
    assert row["focal_average_precision"] == 0.9


def test_settings_of_the_truth_are_kept(asked: AnnotatedScan, tmp_path: Path) -> None:
    settings = AlignConfig(min_overlap_s=0.5)
    other = AnnotatedScan(asked.scan, asked.annotations, asked.bundle, alignment=settings)
    told = evaluate_scan(other, tmp_path, FEW)
    assert told["settings"]["min_overlap_s"] == 0.5


def test_a_bundle_of_other_classes_is_refused(asked: AnnotatedScan, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", n_classes=2)
    wrong = AnnotatedScan(asked.scan, asked.annotations, other.path)
    with pytest.raises(ScanError, match="3 classes are not the 2 of the bundle"):
        evaluate_scan(wrong, tmp_path / "out", FEW)


def test_a_folder_that_is_no_scan_is_a_typed_error(asked: AnnotatedScan, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"lacks scores\.parquet"):
        evaluate_scan(AnnotatedScan(tmp_path, asked.annotations), tmp_path / "out", FEW)


def test_scores_that_are_damaged_are_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "scores.parquet").write_bytes(b"nothing")
    with pytest.raises(ScanError, match="damaged scores"):
        read_scores(tmp_path)


def test_the_bundle_is_only_read(asked: AnnotatedScan, tmp_path: Path) -> None:
    before = read_bundle(asked.bundle).info
    evaluate_scan(asked, tmp_path, FEW)
    assert read_bundle(asked.bundle).info == before


def test_the_bundle_that_a_scan_names_is_taken_where_none_is_given(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    scan = unrecorded(asked.scan, tmp_path / "scan", bundles=[str(asked.bundle)])
    assert AnnotatedScan(scan, asked.annotations).info() == read_bundle(asked.bundle).info


@pytest.mark.parametrize("n_classes", [None, 2])
def test_a_bundle_that_is_gone_or_does_not_know_all_classes_is_not_taken(
    asked: AnnotatedScan, tmp_path: Path, n_classes: int | None
) -> None:
    if n_classes is not None:
        make_bundle(tmp_path / "bundle", n_classes)
    scan = unrecorded(asked.scan, tmp_path / "scan", bundles=[str(tmp_path / "bundle")])
    assert AnnotatedScan(scan, asked.annotations).info() is None


def test_thresholds_are_not_held_against_calibrated_scores(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    where = asked.bundle / "bundle.json"
    before = read_json(where)
    write_json(where, before | {"thresholds": {"spec0": 0.5}})
    raw = unrecorded(asked.scan, tmp_path / "raw")
    made = unrecorded(asked.scan, tmp_path / "made", settings={"calibrate": True})
    for scan, expected in ((raw, 0.5), (made, None)):
        told = evaluate_scan(AnnotatedScan(scan, asked.annotations, asked.bundle), tmp_path, FEW)
        assert told["is_calibrated"] == (expected is None)
        assert pl.read_parquet(tmp_path / "per_class.parquet")["threshold"][0] == expected
    write_json(where, before)
