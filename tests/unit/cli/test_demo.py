"""`oscine demo` points the preset at the chorus that it makes; what follows is `oscine run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.synth import SynthConfig


@pytest.fixture
def asked(oscine, monkeypatch, tmp_path):
    """Runs `oscine demo` with everything that takes time replaced by a note."""
    notes = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "oscine.synth.render", lambda config, out: notes.update(synth=(config, out))
    )

    def run(recipe, folder):
        notes.update(recipe=recipe, folder=folder)
        return [{"stage": "catalog", "status": "done"}]

    monkeypatch.setattr("oscine.pipeline.run", run)
    monkeypatch.setattr("oscine.cli.demo.build_page", lambda folder: notes.update(page=folder))

    def call(*words):
        said = oscine("demo", *words)
        assert said.status == 0, said.err
        return notes

    return call


def test_the_demo_trains_on_what_it_made(asked, tmp_path):
    notes = asked()
    config, out = notes["synth"]
    recipe = notes["recipe"]
    assert (config, out) == (SynthConfig(), Path("demo-data"))
    assert [catalog.path for catalog in recipe.catalogs] == [
        tmp_path / "demo-data" / "year_a",
        tmp_path / "demo-data" / "year_b",
    ]
    assert recipe.scan.paths == (str(tmp_path / "demo-data" / "year_b" / "train_soundscapes"),)
    assert recipe.scan.annotations.endswith("year_b/train_soundscapes_labels.csv")
    assert recipe.baseline
    assert notes["folder"] == notes["page"] == Path("runs/demo")


def test_folders_and_size_can_be_chosen(asked, tmp_path):
    notes = asked("--out", "o", "--data", tmp_path / "a b, c", "--size", "tiny")
    config, out = notes["synth"]
    assert config.n_species_pretrain == 5
    assert out == tmp_path / "a b, c"
    assert notes["recipe"].catalogs[0].path == tmp_path / "a b, c" / "year_a"
    assert notes["recipe"].scan.paths == (
        str(tmp_path / "a b, c" / "year_b" / "train_soundscapes"),
    )
    assert notes["folder"] == Path("o")


def test_settings_can_be_changed(asked):
    notes = asked("finetune.epochs=1", "scan.paths=[]")
    assert notes["recipe"].finetune.epochs == 1
    assert notes["recipe"].scan.paths == ()
