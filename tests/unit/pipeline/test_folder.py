from __future__ import annotations

from pathlib import Path

import pytest

from oscine import __version__
from oscine.config import parse, read_yaml
from oscine.core import ConfigError, read_json
from oscine.pipeline import Recipe
from oscine.pipeline.folder import RunFolder, describe

RECIPE = Recipe(
    name="few",
    comment="a try",
    seed=7,
    catalogs=({"name": "a", "source": "folder", "path": "a", "role": "target"},),
)


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "runs" / "few", RECIPE)
    made.open(["run", "few.yaml"])
    return made


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ConfigError, match="not empty and holds no run"):
        RunFolder(tmp_path, RECIPE).open()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_a_kill_left_with_half_a_first_write_is_no_obstacle(tmp_path):
    (tmp_path / ".run.json.123.partial").write_text("{")
    RunFolder(tmp_path, RECIPE).open()
    assert (tmp_path / "run.json").exists()


def test_an_empty_folder_will_do(tmp_path):
    RunFolder(tmp_path, RECIPE).open()
    assert (tmp_path / "run.json").exists()


def test_the_recipe_in_the_folder_is_the_whole_of_it(folder):
    assert parse(Recipe, read_yaml(folder.path / "recipe.yaml")) == RECIPE


def test_run_json_says_what_ran_with_what_and_where(folder):
    about = read_json(folder.about)
    assert (about["name"], about["comment"], about["seed"]) == ("few", "a try", 7)
    assert about["command"] == "oscine run few.yaml"
    assert about["versions"]["oscine"] == __version__
    assert {"python", "numpy", "polars", "torch"} <= about["versions"].keys()
    assert about["hardware"]["cores"] >= 1
    assert about["stages"] == []


def test_a_run_outside_of_git_says_so(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert describe(RECIPE, [])["git"] is None


def test_the_command_line_is_this_process_s_unless_given(monkeypatch):
    monkeypatch.setattr("sys.argv", ["/bin/oscine", "fit", "x.yaml"])
    assert describe(RECIPE, None)["command"] == "oscine fit x.yaml"


def test_the_command_can_be_pasted_into_a_shell():
    typed = ["run", "x.yaml", "target_folds.selected=[0, 1]"]
    assert describe(RECIPE, typed)["command"] == "oscine run x.yaml 'target_folds.selected=[0, 1]'"


def test_a_stage_done_again_replaces_its_row_and_others_stay(folder):
    folder.note_stage({"stage": "a", "seconds": 1})
    folder.note_stage({"stage": "b", "seconds": 1})
    folder.note_stage({"stage": "a", "seconds": 2})
    rows = {row["stage"]: row["seconds"] for row in read_json(folder.about)["stages"]}
    assert rows == {"a": 2, "b": 1}


def test_opening_again_keeps_what_the_stages_said(folder):
    folder.note_stage({"stage": "a", "seconds": 1})
    RunFolder(folder.path, RECIPE).open(["fit"])
    about = read_json(folder.about)
    assert about["stages"] == [{"stage": "a", "seconds": 1}]
    assert about["command"] == "oscine fit"


def test_fits_and_bundles_have_a_folder_for_each_fold(folder):
    assert folder.fit("finetune", 2).relative_to(folder.path) == Path("fits/finetune/fold-2")
    assert folder.bundle(1).relative_to(folder.path) == Path("bundle/fold-1")
