from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from oscine.pipeline.doctor import places
from oscine.pipeline.folder import RunFolder

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def disk(monkeypatch):
    def pretend(free):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, int(free)))

    return pretend


@pytest.fixture
def expected(tiny_run):
    from oscine.pipeline.forecast import expect

    return expect(RunFolder(tiny_run.path, tiny_run.recipe()), {"audit", "folds"})


def test_a_run_folder_that_can_be_made_is_ok_and_is_not_made(make_recipe, tmp_path, levels):
    folder = RunFolder(tmp_path / "runs" / "new", make_recipe())
    assert levels(places.run_folder(folder)) == {"run folder": "ok", "disk": "ok"}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_is_a_problem(make_recipe, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    (found,) = places.run_folder(RunFolder(tmp_path, make_recipe()))
    assert found.level == "problem"
    assert "holds no run" in found.what


@pytest.mark.parametrize("name", ["file/run", "file"])
def test_a_folder_that_cannot_be_made_is_a_problem(make_recipe, tmp_path, name):
    (tmp_path / "file").write_text("")
    found = next(iter(places.run_folder(RunFolder(tmp_path / name, make_recipe()))))
    assert found.level == "problem"


def test_a_disk_that_is_almost_full_is_a_warning(make_recipe, tmp_path, disk, levels):
    disk(free=1e9)
    found = levels(places.run_folder(RunFolder(tmp_path / "run", make_recipe())))
    assert found["disk"] == "warning"


def empty_cache(tiny_run, tmp_path, *overrides):
    recipe = tiny_run.recipe(f"audio.cache_folder={tmp_path / 'empty'}", *overrides)
    return RunFolder(tiny_run.path, recipe)


@pytest.mark.parametrize(("free", "level"), [(1e12, "ok"), (1e7, "warning"), (1e6, "problem")])
def test_the_cache_is_held_against_the_disk(tiny_run, expected, tmp_path, disk, free, level):
    disk(free)  # the tiny chorus takes 8.9 MB
    folder, size = places.cache_folder(empty_cache(tiny_run, tmp_path), expected)
    assert (folder.level, size.level) == ("ok", level)


def test_the_cache_is_held_against_its_budget(tiny_run, expected, tmp_path):
    folder = empty_cache(tiny_run, tmp_path, "audio.cache_budget_gb=0.001")
    *_, found = places.cache_folder(folder, expected)
    assert found.level == "problem"
    assert "its budget is 0.001 GB" in found.what


def test_a_cache_of_unknown_size_is_a_warning(tiny_run, tmp_path):
    *_, found = places.cache_folder(empty_cache(tiny_run, tmp_path), None)
    assert found.level == "warning"
    assert "oscine catalog build" in found.fix


def test_a_cache_folder_that_cannot_be_written_is_a_problem(tiny_run, expected, tmp_path):
    (tmp_path / "file").write_text("")
    recipe = tiny_run.recipe(f"audio.cache_folder={tmp_path / 'file' / 'caches'}")
    found = next(iter(places.cache_folder(RunFolder(tiny_run.path, recipe), expected)))
    assert (found.topic, found.level) == ("cache folder", "problem")


def test_a_recipe_without_a_cache_has_no_place_for_one(make_recipe, tmp_path):
    assert list(places.cache_folder(RunFolder(tmp_path, make_recipe()), None)) == []
