from __future__ import annotations

import shutil
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import oscine
from oscine.catalog import split
from oscine.core import BundleError
from oscine.infer import Predictor
from oscine.model.bundle import read_bundle
from oscine.pipeline.stages import bundle
from oscine.pipeline.stages.catalog import licenses
from oscine.pipeline.stages.fits import mel_spec, window_reader
from oscine.pipeline.stages.folds import read_folds, recordings


@pytest.fixture(scope="module")
def made(tiny_run):
    return read_bundle(tiny_run.path / "bundle" / "fold-0")


@pytest.fixture(scope="module")
def sides(tiny_run):
    folder = tiny_run.opened()
    return split(recordings(folder, "target"), read_folds(folder, "target"), 0)


def test_the_bundle_loads_and_scores_its_golden_batch_again(tiny_run):
    recogniser = oscine.load(tiny_run.path / "bundle" / "fold-0")
    codes = [one.species_code for one in recogniser.species]
    assert codes == [one["species_code"] for one in tiny_run.json("folds/classes.json")["target"]]


def test_it_says_how_a_waveform_becomes_an_image_and_logits_scores(tiny_run, made):
    assert made.info.spec() == mel_spec(tiny_run.recipe())
    assert made.info.activation == "softmax"
    assert made.info.name == "tiny fold 0"


def test_it_counts_the_licences_of_the_recordings_that_it_learned_from(tiny_run, made, sides):
    folder = tiny_run.opened()
    first = split(recordings(folder, "pretrain"), read_folds(folder, "pretrain"), 0)
    both = pl.concat([first.training.table, sides.training.table])
    assert made.info.licenses == licenses(both)
    assert sum(made.info.licenses.values()) == len(both)


def test_a_card_and_an_attribution_stand_beside_it(tiny_run, made):
    card = (made.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    value = tiny_run.json("evaluate/metrics.json")["finetune"]["pooled"]["cmap"]["value"]
    assert f"| cmAP | {value:.3f} |" in card
    assert all(f"| {code} |" in card for code in made.info.species_codes())
    assert all(f"| pretrain | {one} |" in card or f"| target | {one} |" in card
               for one in made.info.licenses)  # fmt: skip
    named = pl.read_csv(made.path / "ATTRIBUTION.csv")
    assert named["recordings"].sum() == sum(made.info.licenses.values())


def test_it_scans_without_its_card(made, tmp_path):
    place = tmp_path / "bundle"
    shutil.copytree(made.path, place, ignore=shutil.ignore_patterns("MODEL_CARD.md", "*.csv"))
    assert read_bundle(place).fingerprint() == made.fingerprint()


def test_it_carries_metrics_recipe_and_the_state_of_the_catalog(tiny_run, made):
    training = made.info.training
    pooled = tiny_run.json("evaluate/metrics.json")["finetune"]["pooled"]
    assert training["metrics"] == pooled
    assert training["fold"] == 0
    assert training["recipe"]["model"]["backbone"] == "test_efficientnet"
    assert training["catalog"] == tiny_run.json("stages/audit.json")["fingerprint"]


def test_it_carries_thresholds_calibration_and_the_metrics_of_each_class(tiny_run, made):
    decided = tiny_run.json("evaluate/calibration.json")
    plain = made.info.to_plain()
    assert plain["thresholds"] == decided["thresholds"]
    assert plain["calibration"] == decided["calibration"]
    assert made.info.calibration_source.n_rows == decided["calibration_source"]["n_rows"]
    rows = tiny_run.table("evaluate/per_class.parquet").filter(stage="finetune")
    told = {row["species_code"]: row["roc_auc"] for row in rows.iter_rows(named=True)}
    classes = made.info.training["classes"]
    assert {code: one["roc_auc"] for code, one in classes.items()} == told


def test_it_names_the_versions_that_made_it(made):
    assert {"oscine", "torch", "timm"} <= made.info.versions.keys()


def test_the_bundle_gives_the_scores_that_training_gave(tiny_run, made, sides):
    """The long way round: decoding, front end and model, once in torch and once without."""
    reader = window_reader(tiny_run.opened(), sides.validation)
    windows = [reader.read(row) for row in range(len(sides.validation))]
    scored = tiny_run.table("fits/finetune/fold-0/out_of_fold.parquet")
    assert scored["recording_id"].to_list() == sides.validation["recording_id"].to_list()
    difference = Predictor(made).score(windows) - np.array(scored["scores"].to_list())
    assert np.abs(difference).max() < made.info.golden_tolerance


def test_a_recipe_of_which_nothing_can_be_read_leaves_no_bundle(tiny_run, tmp_path, monkeypatch):
    class Silent:
        def __init__(self, folder, table):
            pass

        def __len__(self):
            return 3

        def read_or_mask(self, request):
            return SimpleNamespace(ok=False)

    monkeypatch.setattr(bundle, "window_reader", Silent)
    run = tiny_run.copied(tmp_path / "run")
    with pytest.raises(BundleError, match="no recording can be read"):
        run.run("name=other", stages=["bundle"])
    assert not (run.path / "bundle").exists()
    assert len(list((run.path / "superseded").glob("bundle-*/fold-0/model.onnx"))) == 1
