from __future__ import annotations

import json

import pytest

from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import forecast_run, outlook


@pytest.fixture
def forecast_of(monkeypatch, trial):
    """Foretells a run from a measurement that was made up; tells whether steps were wanted."""
    asked = []

    def measured(recipe, expected, fitting):
        asked.append(fitting)
        return trial

    monkeypatch.setattr(outlook, "run_trial", measured)

    def foretell(run, *overrides):
        return forecast_run(run.recipe(*overrides), RunFolder(run.path, run.recipe(*overrides)))

    foretell.asked = asked
    return foretell


def test_a_finished_run_has_nothing_to_do_and_no_step_is_timed_for_it(forecast_of, tiny_run):
    forecast = forecast_of(tiny_run)
    assert {stage.status for stage in forecast.stages} == {"up to date"}
    assert forecast.total.seconds == 0
    assert forecast_of.asked == [False]


def test_a_new_run_adds_up_its_stages(forecast_of, tiny_run, tmp_path):
    forecast = forecast_of(tiny_run.elsewhere(tmp_path / "absent"))
    assert forecast_of.asked == [True]
    assert forecast.unknown == []
    assert forecast.total.seconds == pytest.approx(
        sum(stage.time.seconds for stage in forecast.stages)
    )
    assert forecast.total.low < forecast.total.seconds < forecast.total.high


def test_a_changed_setting_costs_what_stands_on_it_alone(forecast_of, tiny_run):
    forecast = forecast_of(tiny_run, "finetune.epochs=2")
    redone = {stage.name for stage in forecast.stages if stage.status == "stale"}
    assert redone == tiny_run.stale("finetune.epochs=2")
    assert all(bool(stage.time.seconds) == (stage.name in redone) for stage in forecast.stages)


def test_all_of_it_is_json(forecast_of, tiny_run, tmp_path):
    plain = forecast_of(tiny_run.elsewhere(tmp_path / "absent")).to_plain()
    told = json.loads(json.dumps(plain, allow_nan=False))
    assert told["tables_of"] == "tables"
    assert told["stages"][0]["name"] == "catalog"
