from __future__ import annotations

import logging

from oscine.pipeline.doctor import examine

MACHINE = {"python", "packages", "cores", "memory", "devices", "decoders", "xeno-canto"}


def test_without_a_recipe_the_machine_is_looked_at(levels):
    found = levels(examine())
    assert found.keys() >= MACHINE
    assert not found.keys() & {"recipe", "run folder", "model"}


def test_a_recipe_that_is_fine_has_no_problem(tiny_run, tmp_path):
    name, override = str(tiny_run.recipe_file), tiny_run.cache_override
    found = list(examine(name, [override], tmp_path / "new"))
    assert [one for one in found if one.level == "problem"] == []
    assert {one.topic for one in found} >= MACHINE | {"recipe", "run folder", "model", "scan"}
    assert not (tmp_path / "new").exists()


def test_a_recipe_with_an_error_is_one_problem_and_the_machine_is_looked_at_all_the_same(tiny_run):
    found = {one.topic: one for one in examine(str(tiny_run.recipe_file), ["finetune.epoch=3"])}
    assert found.keys() >= MACHINE
    assert found["recipe"].level == "problem"
    assert "did you mean epochs" in found["recipe"].what
    assert "\n" not in found["recipe"].what


def test_a_recipe_that_is_not_there_is_a_problem():
    assert {one.topic: one.level for one in examine("absent.yaml")}["recipe"] == "problem"


def test_the_log_is_as_loud_as_before(tiny_run, tmp_path):
    log = logging.getLogger("oscine")
    before = log.level
    for one in examine(str(tiny_run.recipe_file), [], tmp_path / "new"):
        assert one.what
    assert log.level == before
