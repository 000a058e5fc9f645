from __future__ import annotations

import numpy as np
import pytest

from oscine.core import CatalogError
from oscine.evaluate import evaluate_scores, read_annotations, window_targets


def test_every_window_of_the_soundscapes_has_scores(tiny_run):
    scores = tiny_run.table("scan/scores.parquet")
    codes = [one["species_code"] for one in tiny_run.json("folds/classes.json")["target"]]
    assert scores.columns == ["filepath", "start_s", "end_s", *codes]
    assert len(scores) == 15  # 30 s in windows of 2 s
    assert np.isfinite(scores.select(codes).to_numpy()).all()


def test_detections_are_the_scores_at_or_above_the_threshold(tiny_run):
    scores = tiny_run.table("scan/scores.parquet")
    detections = tiny_run.table("scan/detections.parquet")
    values = scores.select(scores.columns[3:]).to_numpy()
    assert len(detections) == int((values >= np.float32(0.2)).sum())
    assert tiny_run.json("scan/scan.json")["detections"] == len(detections)


def test_the_account_of_the_scan_adds_up(tiny_run):
    facts = tiny_run.json("scan/scan.json")
    assert (facts["files"], facts["windows"], facts["unreadable"]) == (1, 15, 0)
    assert facts["audio_seconds"] == pytest.approx(30.0, abs=0.1)  # rounded to a tenth


def test_metrics_are_those_of_the_windows_against_the_annotations(tiny_run):
    scores = tiny_run.table("scan/scores.parquet")
    codes = scores.columns[3:]
    heard = read_annotations(tiny_run.chorus / "year_b" / "train_soundscapes_labels.csv")
    targets = window_targets(scores.select(scores.columns[:3]), heard, codes)
    assert targets.sum() > 0
    expected = evaluate_scores(targets, scores.select(codes).to_numpy())
    assert tiny_run.json("scan/metrics.json") == pytest.approx(expected)


@pytest.fixture
def changed(tiny_run, tmp_path):
    """Runs the scan stage of a copy with other settings."""
    run = tiny_run.copied(tmp_path / "run")

    def again(*overrides):
        return run, run.run(*overrides, stages=["scan"])["scan"]

    return again


def test_without_paths_nothing_is_scanned(changed):
    run, row = changed("scan.paths=[]")
    assert row["facts"] == {"paths": 0}
    assert not (run.path / "scan").exists()
    assert list((run.path / "superseded").glob("scan-*/scores.parquet"))


def test_without_annotations_there_are_no_metrics(changed):
    run, row = changed("scan.annotations=null")
    assert "metrics" not in row["facts"]
    assert not (run.path / "scan" / "metrics.json").exists()


def test_recordings_that_nobody_annotated_are_left_out_of_the_metrics(changed, tiny_run):
    year = tiny_run.chorus / "year_b"
    other = next((year / "train_audio").rglob("*.ogg"))
    run, row = changed(f"scan.paths=[{year / 'train_soundscapes'}, {other}]")
    assert row["facts"]["files"] == 2
    assert run.json("scan/metrics.json") == pytest.approx(tiny_run.json("scan/metrics.json"))


def test_annotations_that_are_not_there_are_a_typed_error(changed):
    with pytest.raises(CatalogError, match="no such annotation table"):
        changed("scan.annotations=nowhere.csv")


def test_other_programs_formats_are_written_too(changed):
    run, _ = changed("scan.settings.formats=[raven, csv]")
    assert list((run.path / "scan" / "raven").iterdir())
