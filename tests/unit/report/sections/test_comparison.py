from __future__ import annotations

import shutil

import pytest

from oscine.report import compare
from oscine.report.blocks import MINUS
from oscine.report.sections import comparison as sections
from unit.report.run_folder import write_run
from unit.report.test_comparison import weaker


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    home = tmp_path_factory.mktemp("compared")
    first = write_run(home / "first", without=["audio", "scan"])
    return first, weaker(first, home / "other")


@pytest.fixture(scope="module")
def comparison(runs):
    return compare(runs, n_draws=100)


def test_the_sentence_says_worse_with_its_interval(comparison):
    text = sections.sentence(comparison, "other")
    assert text.startswith(f"other is worse than first by {MINUS}")
    assert "95 % interval" in text


def test_the_sentence_of_a_copy_claims_nothing(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    text = sections.sentence(compare([runs[0], copy], n_draws=50), "copy")
    assert "cannot be told apart" in text


def test_several_runs_are_told_to_be_several(runs, tmp_path):
    third = weaker(runs[0], tmp_path / "third", seed=1)
    text = sections.result(compare([*runs, third], n_draws=50)).text
    assert len(text) == 3
    assert "97.5 % interval" in text[-1]


def test_what_differs_names_settings_and_folds(comparison):
    about, settings = sections.changed(comparison).blocks
    assert about.rows[-1] == ["folds", "3", "the same"]
    assert settings.caption == "2 settings that differ"


def test_runs_of_one_recipe_say_so(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    section = sections.changed(compare([runs[0], copy], n_draws=10))
    assert section.text == ["The recipes say the same."]
    assert len(section.blocks) == 1


def test_classes_are_counted_up_and_down(comparison):
    plot, table = sections.classes(comparison).blocks
    moved = comparison.by_class["other"]["change"]
    assert f"{(moved > 0).sum()} class" in plot.caption
    assert len(table.rows) == len(moved)


def test_a_copy_has_no_class_that_changed(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    assert sections.classes(compare([runs[0], copy], n_draws=10)).absent == "No class changed."


def test_learning_and_cost_need_fits(runs, comparison, tmp_path):
    assert len(sections.learning(comparison).blocks) == 1
    assert len(sections.cost(comparison).blocks[0].rows) == 2
    bare = shutil.copytree(runs[0], tmp_path / "bare")
    for path in bare.glob("fits/*/*/history.jsonl"):
        path.unlink()
    bare_other = shutil.copytree(bare, tmp_path / "bare-other")
    assert sections.learning(compare([bare, bare_other], n_draws=10)).absent
