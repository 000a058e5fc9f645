from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from oscine.core import BundleError, read_json, write_json
from oscine.model import read_bundle, write_golden
from synthetic import BUNDLE_FILES, make_bundle, make_spec


def change(path: Path, **values: object) -> None:
    where = path / "bundle.json"
    write_json(where, {**read_json(where), **values})


def test_a_bundle_reads_back_as_it_was_written(tmp_path: Path) -> None:
    spec = make_spec(channels=3)
    made = make_bundle(tmp_path / "b", n_classes=5, spec=spec)
    bundle = read_bundle(tmp_path / "b")
    assert bundle.info == made.info
    assert bundle.info.spec() == spec
    assert bundle.info.species_codes() == [f"spec{index}" for index in range(5)]
    waveforms, scores = bundle.golden()
    assert (waveforms.shape, scores.shape) == ((4, spec.n_samples), (4, 5))
    assert bundle.weights_path.is_file()


@pytest.mark.parametrize("name", BUNDLE_FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    make_bundle(tmp_path / "b")
    (tmp_path / "b" / name).unlink()
    with pytest.raises(BundleError, match=f"lacks {name}"):
        read_bundle(tmp_path / "b")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no such bundle"):
        read_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("version", [0, 3, "1", True, None])
def test_another_format_version_is_refused(tmp_path: Path, version: object) -> None:
    make_bundle(tmp_path / "b")
    change(tmp_path / "b", format_version=version)
    with pytest.raises(BundleError, match="format version"):
        read_bundle(tmp_path / "b")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"activation": "relu"}, "activation"),
        ({"species": []}, "species"),
        ({"features": {"n_fft": 512}}, "front end"),
        ({"colour": "blue"}, "colour"),
        ({"thresholds": {"spec0": 1.5}}, "thresholds"),
        ({"thresholds": {"brant": 0.5}}, "of no class: brant"),
        ({"calibration": {"spec0": {"method": "magic"}}}, "calibration"),
    ],
)
def test_a_bad_description_says_what_is_wrong(
    tmp_path: Path, values: dict[str, object], message: str
) -> None:
    make_bundle(tmp_path / "b")
    change(tmp_path / "b", **values)
    with pytest.raises(BundleError, match=message):
        read_bundle(tmp_path / "b")


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_description_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    make_bundle(tmp_path / "b")
    (tmp_path / "b" / "bundle.json").write_text(text)
    with pytest.raises(BundleError, match=r"bundle\.json"):
        read_bundle(tmp_path / "b")


def test_a_bundle_of_version_one_loads_and_has_neither_thresholds_nor_calibration(
    tmp_path: Path,
) -> None:
    make_bundle(tmp_path / "b")
    where = tmp_path / "b" / "bundle.json"
    new = ("thresholds", "calibration", "calibration_source")
    old = {key: value for key, value in read_json(where).items() if key not in new}
    write_json(where, old | {"format_version": 1})
    info = read_bundle(tmp_path / "b").info
    assert (info.thresholds, info.calibration, info.calibration_source) == ({}, {}, None)


def test_thresholds_and_calibration_read_back_and_leave_the_raw_scores_alone(
    tmp_path: Path,
) -> None:
    made = make_bundle(tmp_path / "b")
    platt = {"method": "platt", "slope": 1.5, "intercept": -0.25, "n_positive": 9, "n_negative": 90}
    isotonic = {
        "method": "isotonic",
        "scores": [0.1, 0.7],
        "probabilities": [0.05, 0.9],
        "n_positive": 120,
        "n_negative": 900,
    }
    source = {
        "kind": "soundscapes",
        "where": "labels.csv",
        "made": "2026-01-01T00:00:00Z",
        "rule": "precision 0.9",
        "n_rows": 10,
        "n_groups": 2,
    }
    calibration = {"spec0": platt, "spec1": isotonic}
    change(made.path, thresholds={"spec0": 0.6}, calibration=calibration, calibration_source=source)
    bundle = read_bundle(made.path)
    assert bundle.info.thresholds == {"spec0": 0.6}
    assert bundle.info.to_plain()["calibration"] == calibration
    assert bundle.info.to_plain()["calibration_source"] == source
    assert bundle.fingerprint() == made.fingerprint()


def test_a_damaged_golden_batch_is_named(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    (tmp_path / "b" / "golden.safetensors").write_bytes(b"nothing")
    with pytest.raises(BundleError, match=r"golden\.safetensors"):
        bundle.golden()


@pytest.mark.parametrize(("n", "n_samples", "n_classes"), [(4, 8000, 2), (4, 100, 3), (0, 8000, 3)])
def test_a_golden_batch_of_another_shape_is_refused(
    tmp_path: Path, n: int, n_samples: int, n_classes: int
) -> None:
    bundle = make_bundle(tmp_path / "b", n_classes=3)
    write_golden(bundle.path, np.zeros((n, n_samples)), np.zeros((n, n_classes)))
    with pytest.raises(BundleError, match="do not fit"):
        bundle.golden()


def test_the_fingerprint_follows_the_model_and_not_the_date(tmp_path: Path) -> None:
    first = make_bundle(tmp_path / "a", seed=0)
    other = make_bundle(tmp_path / "b", seed=1)
    change(first.path, created="2030-01-01T00:00:00+00:00")
    assert read_bundle(first.path).fingerprint() == first.fingerprint()
    assert first.fingerprint() != other.fingerprint()


def test_the_description_is_plain_json(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    text = (bundle.path / "bundle.json").read_text()
    assert json.loads(text) == bundle.info.to_plain()
