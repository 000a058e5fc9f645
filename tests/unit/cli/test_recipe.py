from __future__ import annotations

import json

import pytest
import yaml

from oscine.config import parse
from oscine.pipeline import Recipe, load_recipe, preset_names


def test_what_is_shown_as_yaml_is_a_recipe_and_the_same_one(oscine, tiny_run, tmp_path):
    said = oscine("recipe", "show", tiny_run.recipe_file)
    (tmp_path / "copy.yaml").write_text(said.out)
    assert load_recipe(str(tmp_path / "copy.yaml")) == load_recipe(str(tiny_run.recipe_file))


def test_json_says_the_same_as_yaml(oscine, tiny_run):
    as_yaml = oscine("recipe", "show", tiny_run.recipe_file).out
    as_json = oscine("recipe", "show", tiny_run.recipe_file, "--json").out
    assert json.loads(as_json) == yaml.safe_load(as_yaml)
    assert parse(Recipe, json.loads(as_json)) == load_recipe(str(tiny_run.recipe_file))


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("name=another", "name: another"),
        ("finetune.optimizer.learning_rate=5e-4", "    learning_rate: 0.0005"),
        ("scan.settings.formats=[raven, csv]", "    formats:\n    - raven\n    - csv"),
        ("pretrain=null", "pretrain: null"),
    ],
)
def test_overrides_are_in_what_is_shown(oscine, tiny_run, override, line):
    assert f"\n{line}\n" in "\n" + oscine("recipe", "show", tiny_run.recipe_file, override).out


def test_defaults_are_shown_too(oscine, tiny_run):
    assert "\n  dropout: 0.0\n" in oscine("recipe", "show", tiny_run.recipe_file).out


def test_presets_are_listed_a_line_each(oscine):
    assert oscine("recipe", "list").out.split() == preset_names()
