from __future__ import annotations

import pytest

from unit.pipeline.test_gallery import RECIPE, call


@pytest.fixture
def recipe(tmp_path):
    call(tmp_path / "birds" / "low" / "a.wav", 1000.0)
    call(tmp_path / "birds" / "high" / "b.wav", 4000.0)
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def test_a_page_is_written_and_its_place_is_said(oscine, recipe, tmp_path):
    said = oscine("augment", "show", recipe, "--out", tmp_path / "out")
    page = tmp_path / "out" / "index.html"
    assert said.status == 0, said.err
    assert said.out.strip() == f"gallery: {page}"
    assert page.stat().st_size < 15e6


def test_overrides_and_recordings_are_taken(oscine, recipe, tmp_path):
    given = ["--recording", tmp_path / "birds/low/a.wav", "--recording", recipe.parent / "c.wav"]
    call(tmp_path / "c.wav", 500.0)
    said = oscine("augment", "show", recipe, "name=other", *given, "--out", tmp_path / "out")
    assert said.status == 0, said.err
    text = (tmp_path / "out" / "index.html").read_text()
    assert "<h1>other</h1>" in text
    assert "low/a.wav" in text
    assert "/c.wav" in text


def test_the_page_stands_below_runs_when_nothing_is_said(oscine, recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert oscine("augment", "show", recipe).status == 0
    assert (tmp_path / "runs" / "run-augmentations" / "index.html").is_file()


def test_a_recording_that_is_not_there_is_one_message(oscine, recipe, tmp_path):
    said = oscine("augment", "show", recipe, "--recording", tmp_path / "absent.wav")
    assert said.status == 2
    assert "absent.wav" in said.err
