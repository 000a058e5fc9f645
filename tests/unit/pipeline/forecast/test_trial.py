from __future__ import annotations

import importlib.util

import polars as pl
import pytest

from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import trial
from oscine.pipeline.forecast.trial import choose, run_trial


@pytest.fixture
def expected(tiny_run, expected_of, tmp_path):
    return expected_of(RunFolder(tmp_path / "absent", tiny_run.recipe()))


def test_a_trial_measures_reading_of_each_part_and_steps(tiny_run, expected, monkeypatch):
    monkeypatch.setattr(trial, "STEPS_S", 0.1)
    told = run_trial(tiny_run.recipe(), expected)
    assert told.decoding.keys() == {"pretrain", "target"}
    for one in told.decoding.values():
        assert 0 < one.audit_s < 1
        assert 0 < one.cache_s < 1
        assert one.window_s > 0
    # Both stages have the same settings but the epochs: their steps are measured once.
    assert told.steps["finetune"] is told.steps["pretrain"]
    assert told.missing == ()


@pytest.mark.parametrize("able", [True, False])
def test_bfloat16_is_timed_where_the_processor_multiplies_it(tiny_run, expected, monkeypatch, able):
    monkeypatch.setattr(trial, "STEPS_S", 0.1)
    monkeypatch.setattr(trial, "multiplies_bfloat16", lambda: able)
    told = run_trial(tiny_run.recipe("devices.kind=cpu"), expected)
    assert told.bfloat16.keys() == ({"pretrain"} if able else set())


def test_other_settings_of_fine_tuning_are_measured_by_themselves(
    tiny_run, expected, steps, monkeypatch
):
    asked = []

    def note(bench, stage, *_):
        asked.append(stage)
        return steps

    monkeypatch.setattr(trial, "multiplies_bfloat16", lambda: False)
    monkeypatch.setattr(trial, "_steps", note)
    run_trial(tiny_run.recipe("finetune.batch_size=4"), expected)
    assert asked == ["pretrain", "finetune"]


def test_where_no_fit_is_to_run_no_step_is_taken(tiny_run, expected):
    assert run_trial(tiny_run.recipe(), expected, fitting=False).steps == {}


def test_without_torch_reading_is_measured_alone_and_that_is_said(tiny_run, expected, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "torch" else find(name)
    )
    told = run_trial(tiny_run.recipe(), expected)
    assert told.steps == {}
    assert told.decoding.keys() == {"pretrain", "target"}
    assert "torch is not installed" in told.missing[0]


def test_recordings_that_are_not_here_leave_their_part_unmeasured(tiny_run, expected):
    gone = {
        part: table.with_columns(filepath="/absent/" + pl.col("filename"))
        for part, table in expected.parts.items()
    }
    told = run_trial(tiny_run.recipe(), expected.__class__(**vars(expected) | {"parts": gone}))
    assert told.decoding == {}
    assert len(told.missing) == 2


def test_the_recipes_own_cache_is_left_alone(tiny_run, expected, tmp_path):
    recipe = tiny_run.recipe(f"audio.cache_folder={tmp_path / 'own'}")
    run_trial(recipe, expected, fitting=False)
    assert not (tmp_path / "own").exists()


def test_a_few_minutes_are_chosen_and_no_long_recordings(expected):
    table = expected.parts["target"]
    long = table.with_columns(
        duration_s=pl.when(pl.int_range(pl.len()) < 3).then(9e4).otherwise(100.0)
    )
    chosen = choose(long)
    assert len(chosen) == 3  # two of 100 s are not yet four minutes
    assert chosen["duration_s"].max() == 100.0


def test_long_recordings_are_chosen_where_there_are_no_others(expected):
    assert len(choose(expected.parts["target"].with_columns(duration_s=pl.lit(9e4)))) == 1
