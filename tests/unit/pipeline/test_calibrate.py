from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from oscine.core import BundleError, ScanError, read_json, write_json
from oscine.evaluate import CalibrationConfig, reliability
from oscine.infer import Predictor
from oscine.infer.decisions import decisions
from oscine.model.bundle import read_bundle
from oscine.pipeline.calibrate import DECIDED_FILE, calibrate_bundle
from oscine.pipeline.scan_evaluation import RECORD_FILE, AnnotatedScan
from synthetic import make_annotated_scan

CONFIG = CalibrationConfig(precision=0.75)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> AnnotatedScan:
    bundle, scan, annotations = make_annotated_scan(tmp_path_factory.mktemp("annotated"))
    return AnnotatedScan(scan, annotations, bundle)


def test_the_copy_has_thresholds_and_calibration_and_scores_as_before(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    told = calibrate_bundle(asked, CONFIG, tmp_path / "new")
    old, new = read_bundle(asked.bundle), read_bundle(tmp_path / "new")
    assert new.info.thresholds == told["thresholds"]
    assert {"spec0", "spec1"} == set(told["thresholds"])
    assert new.info.to_plain()["calibration"] == told["calibration"]
    assert new.fingerprint() == old.fingerprint()
    Predictor(new).verify("calibrate")
    assert read_json(tmp_path / "new" / DECIDED_FILE) == told


def test_the_card_of_the_copy_says_what_the_copy_promises(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    shutil.copytree(asked.bundle, tmp_path / "old")
    (tmp_path / "old" / "MODEL_CARD.md").write_text("# card\n\n## Classes\n", encoding="utf-8")
    with_card = AnnotatedScan(asked.scan, asked.annotations, tmp_path / "old")
    told = calibrate_bundle(with_card, CONFIG, tmp_path / "new")
    card = (tmp_path / "new" / "MODEL_CARD.md").read_text(encoding="utf-8")
    source = told["calibration_source"]
    assert f"Learned from {source['n_rows']} windows of {source['n_groups']} annotated" in card
    assert f"| spec0 | {told['classes'][0]['n_positive']} |" in card
    assert card.startswith("# card\n\n## Classes\n")


def test_the_bundle_itself_stays_as_it_was(asked: AnnotatedScan, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in asked.bundle.iterdir()}
    calibrate_bundle(asked, CONFIG, tmp_path / "new")
    assert {path.name: path.read_bytes() for path in asked.bundle.iterdir()} == before


def test_a_folder_that_is_there_is_not_written_over(asked: AnnotatedScan, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(BundleError, match="there already"):
        calibrate_bundle(asked, CONFIG, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_bundle_is_needed(asked: AnnotatedScan, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle"):
        calibrate_bundle(AnnotatedScan(asked.scan, asked.annotations), CONFIG, tmp_path / "new")


def test_a_scan_of_calibrated_scores_is_refused(asked: AnnotatedScan, tmp_path: Path) -> None:
    shutil.copytree(asked.scan, tmp_path / "scan")
    write_json(tmp_path / "scan" / RECORD_FILE, {"bundles": [], "settings": {"calibrate": True}})
    made = AnnotatedScan(tmp_path / "scan", asked.annotations, asked.bundle)
    with pytest.raises(ScanError, match="calibrated already"):
        calibrate_bundle(made, CONFIG, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_calibrated_scores_of_the_scan_keep_their_word_better(
    asked: AnnotatedScan, tmp_path: Path
) -> None:
    calibrate_bundle(asked, CONFIG, tmp_path / "new")
    found, _ = asked.align(asked.info())
    made = decisions([read_bundle(tmp_path / "new").info], found.codes).calibrate(found.scores)
    before, after = (reliability(found.targets, scores) for scores in (found.scores, made))
    assert after.error < before.error / 2


def test_thresholds_give_on_the_scan_what_was_told(asked: AnnotatedScan, tmp_path: Path) -> None:
    told = calibrate_bundle(asked, CONFIG, tmp_path / "new")
    found, _ = asked.align(asked.info())
    passed = decisions([read_bundle(tmp_path / "new").info], found.codes).detected(
        found.scores, own=0.5
    )
    right = (passed & (found.targets > 0)).sum(axis=0)
    for place, row in enumerate(told["classes"][:2]):
        assert row["precision"] == pytest.approx(right[place] / passed[:, place].sum())
        assert row["precision"] >= 0.75
    assert told["calibration_source"]["n_groups"] == 6
    assert np.isfinite(told["reliability"]["after"]["error"])
