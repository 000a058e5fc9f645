"""The clips that a run keeps to be seen and heard."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import soundfile
import torch
from safetensors.numpy import load_file

from oscine.evaluate import EvaluateConfig
from oscine.features import LogMel, MelSpec
from oscine.pipeline.stages import examples
from oscine.pipeline.stages.fits import fitted_model
from oscine.pipeline.stages.folds import read_classes


def scored(rows: list[tuple[str, str, str, list[float]]]) -> SimpleNamespace:
    """Out-of-fold rows: recording, file, label, scores of a, b and c."""

    class Scored(SimpleNamespace):
        def __len__(self) -> int:
            return len(self.table)

    table = pl.DataFrame(
        [row[:3] for row in rows], ["recording_id", "filepath", "primary_label"], orient="row"
    ).with_columns(
        secondary_labels=pl.lit([], dtype=pl.List(pl.String)), scores=pl.lit(0), fold=pl.lit(0)
    )
    values = np.array([row[3] for row in rows])
    return Scored(table=table, scores=values, classes=SimpleNamespace(codes=["a", "b", "c"]))


ROWS = scored(
    [
        ("worst", "one.wav", "a", [0.0, 0.9, 0.1]),
        ("same file", "one.wav", "a", [0.1, 0.8, 0.1]),
        ("bad", "two.wav", "a", [0.3, 0.5, 0.2]),
        ("good", "three.wav", "a", [0.7, 0.2, 0.1]),
        ("best", "four.wav", "b", [0.05, 0.9, 0.05]),
        ("second of b", "five.wav", "b", [0.1, 0.85, 0.05]),
    ]
)


def names(kind: str, config: EvaluateConfig) -> list[str]:
    return examples.choose(ROWS, config).filter(kind=kind)["recording_id"].to_list()


def test_the_worst_are_each_of_another_file_and_the_best_of_another_class():
    assert names("worst", EvaluateConfig()) == ["worst", "bad"]
    assert names("best", EvaluateConfig()) == ["best", "good"]


def test_the_recipe_says_how_many():
    assert names("worst", EvaluateConfig(worst_clips=1)) == ["worst"]
    assert names("best", EvaluateConfig(best_clips=0)) == []


@pytest.fixture(scope="module")
def kept(tiny_run):
    return tiny_run.table("examples/examples.parquet")


@pytest.fixture(scope="module")
def pictures(tiny_run):
    return load_file(tiny_run.path / "examples/pictures.safetensors")


def test_a_run_keeps_clips_of_its_out_of_fold_rows(tiny_run, kept):
    rows = tiny_run.table("fits/finetune/fold-0/out_of_fold.parquet")
    assert kept.columns == list(examples.COLUMNS)
    assert set(kept["recording_id"]) <= set(rows["recording_id"])
    assert 0 < kept.filter(kind="worst").height <= 6
    assert (
        kept.filter(pl.col("kind") == "worst")
        .select(pl.col("wrong") > pl.col("right"))["wrong"]
        .all()
    )


def test_each_clip_has_the_image_of_its_sound(tiny_run, kept, pictures):
    spec = MelSpec(**tiny_run.json("examples/front_end.json"))
    front = LogMel(replace(spec, scaling="none"))
    for name in kept["example"]:
        path = tiny_run.path / f"examples/sounds/{name}.flac"
        waveform, rate = soundfile.read(path, dtype="float32")
        assert (rate, len(waveform)) == (spec.sample_rate, spec.n_samples)
        image = front(waveform[None])[0, 0]
        # FLAC keeps 16 bits, the picture half precision; what is quieter than 16 bits may differ.
        loud = image > image.max() - 40
        np.testing.assert_allclose(pictures[f"{name}/image"][loud], image[loud], atol=0.5)


def test_the_worst_have_maps_for_both_species_and_the_best_for_their_own(kept, pictures):
    for name, kind in kept.select("example", "kind").iter_rows():
        found = {key.partition("/")[2] for key in pictures if key.startswith(name)}
        assert found == {"image", "label"} | ({"predicted"} if kind == "worst" else set())


def test_the_model_that_looks_is_that_of_the_clip_s_fold(tiny_run):
    folder = tiny_run.opened()
    model = fitted_model(folder, "finetune", 0)
    assert not model.training
    stored = load_file(tiny_run.path / "fits/finetune/fold-0/weights.safetensors")
    own = model.state_dict()
    assert all(torch.equal(own[name], torch.from_numpy(stored[name])) for name in stored)
    classes = read_classes(folder, "target")
    assert own["head.dense.weight"].shape[0] == len(classes)


def test_a_clip_that_cannot_be_read_is_left_out(tiny_run, tmp_path, monkeypatch, caplog):
    apart = tiny_run.copied(tmp_path / "run")
    rows = apart.table("examples/examples.parquet").height
    real = examples.window_reader

    def gone(folder, table):
        broken = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("gone")).otherwise("content_hash")
        return real(folder, table.with_columns(content_hash=broken))

    monkeypatch.setattr(examples, "window_reader", gone)
    said = examples.run(apart.opened())
    assert said["unreadable"] == 1
    assert apart.table("examples/examples.parquet").height == rows - 1
    assert "is left out" in caplog.text


def test_a_run_whose_folds_validate_nothing_keeps_nothing(tiny_run, tmp_path):
    apart = tiny_run.copied(tmp_path / "run")
    (apart.path / "fits/finetune/fold-0/out_of_fold.parquet").unlink()
    assert examples.run(apart.opened()) == {"worst": 0, "best": 0, "unreadable": 0}
    assert apart.table("examples/examples.parquet").is_empty()


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ("model.pooling=attention", "features.scaling=learned_pcen"),
        (
            "model.pooling=gem",
            "model.neck_features=8",
            "model.final_activation=sigmoid",
            "features.channels=3",
            "features.deltas=true",
            "features.image_size=[48, 64]",
        ),
    ],
    ids=["frames", "colour"],
)
def test_every_head_and_front_end_leaves_pictures(tiny_run, tmp_path, overrides):
    other = tiny_run.elsewhere(tmp_path / "run")
    other.run(*overrides, "baseline=false", "compare_naive=false", stages=["examples"])
    kept = other.table("examples/examples.parquet")
    found = load_file(other.path / "examples/pictures.safetensors")
    assert kept.height
    assert all(found[f"{name}/image"].shape == (32, 32) for name in kept["example"])
    assert all(np.isfinite(values).all() for values in found.values())
    assert max(values.max() for name, values in found.items() if "image" not in name) > 0
