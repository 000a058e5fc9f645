from __future__ import annotations

from types import SimpleNamespace

import numpy as np
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


def test_it_counts_the_licences_of_the_recordings_that_it_learned_from(made, sides):
    assert made.info.licenses == licenses(sides.training.table)
    assert sum(made.info.licenses.values()) == len(sides.training.table)


def test_it_carries_metrics_recipe_and_the_state_of_the_catalog(tiny_run, made):
    training = made.info.training
    pooled = tiny_run.json("evaluate/metrics.json")["finetune"]["pooled"]
    assert training["metrics"] == pooled
    assert training["fold"] == 0
    assert training["recipe"]["model"]["backbone"] == "test_efficientnet"
    assert training["catalog"] == tiny_run.json("stages/audit.json")["fingerprint"]


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
