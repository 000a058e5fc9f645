from __future__ import annotations

import json

import pytest


@pytest.fixture
def plan(oscine, tiny_run, monkeypatch):
    monkeypatch.setattr("oscine.pipeline.forecast.trial.STEPS_S", 0.1)

    def call(folder, *words):
        said = oscine(
            "plan", tiny_run.recipe_file, tiny_run.cache_override, *words, "--out", folder
        )
        assert said.status == 0, said.err
        return said.out

    return call


def test_a_plan_says_what_each_stage_would_do_how_long_and_how_large(plan, tmp_path):
    printed = plan(tmp_path / "absent")
    stages = {line.split()[0]: line for line in printed.splitlines() if " new " in line}
    assert list(stages)[:3] == ["catalog", "audit", "folds"]
    assert " s " in stages["pretrain/fold-0"]
    assert " MB" in stages["bundle"]
    assert "in all: " in printed
    assert "from the catalogs' tables, not audited" in printed
    assert "reading does not hold it up" in printed or "reading takes" in printed
    assert not (tmp_path / "absent").exists()


def test_the_plan_of_a_finished_run_is_to_do_nothing(plan, tiny_run):
    printed = plan(tiny_run.path)
    assert printed.count("up to date") == 13
    assert "in all: 0.0 s" in printed


def test_a_plan_says_why_a_stage_is_stale(plan, tiny_run):
    printed = plan(tiny_run.path, "finetune.epochs=2")
    assert "fit.epochs: 1 -> 2" in printed


def test_a_plan_as_json_is_one_object(plan, tmp_path):
    told = json.loads(plan(tmp_path / "absent", "--json"))
    fit = next(fit for fit in told["fits"] if fit["name"] == "finetune/fold-0")
    assert fit["n_batches"] == fit["n_clips"] // 8
    assert told["total"]["low"] < told["total"]["seconds"] < told["total"]["high"]
    assert told["cache_bytes"] >= 0
    assert told["measured"]["steps"]["finetune"]["step_s"] > 0


def test_a_recipe_with_an_error_is_one_message(oscine):
    said = oscine("plan", "absent.yaml")
    assert said.status == 2
    assert "no such recipe" in said.err
