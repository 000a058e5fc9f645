from __future__ import annotations

from dataclasses import replace

import pytest

from oscine.core import read_json, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import standings
from oscine.pipeline.forecast.expectation import expect
from oscine.pipeline.forecast.sizes import fit_sizes
from oscine.pipeline.forecast.times import Estimate, stage_times, within


@pytest.fixture
def times_of(trial):
    def foretell(run, *overrides, told=trial):
        folder = RunFolder(run.path, run.recipe(*overrides))
        stands = standings(folder)
        expected = expect(folder, {one.stage.name for one in stands if not one.runs})
        sizes = fit_sizes(folder.recipe, expected, 1)
        return stage_times(folder, stands, expected, told, sizes), expected, sizes

    return foretell


def test_a_finished_run_takes_no_time(times_of, tiny_run):
    assert times_of(tiny_run)[0] == {}


def test_a_fit_takes_its_steps_its_validation_and_its_start(times_of, tiny_run, tmp_path):
    found, _, sizes = times_of(tiny_run.elsewhere(tmp_path / "absent"))
    size = next(one for one in sizes if one.name == "finetune/fold-0")
    fill_s = 0.004 * 8 / 2
    epoch_s = fill_s + 2.0 * size.n_batches + 0.5 * size.n_windows + 3.0
    assert found[size.name].seconds == pytest.approx(
        5.0 + size.epochs * epoch_s + 0.5 * size.n_windows
    )


def test_only_the_first_fit_loads_torch(times_of, tiny_run, tmp_path):
    found, _, sizes = times_of(tiny_run.elsewhere(tmp_path / "absent"))
    size = next(one for one in sizes if one.name == "pretrain/fold-0")
    steps_s = size.epochs * (0.016 + 2.0 * size.n_batches + 0.5 * size.n_windows + 3.0)
    assert found[size.name].seconds == pytest.approx(7.0 + 5.0 + steps_s + 0.5 * size.n_windows)


def test_audit_and_cache_take_the_audios_length_times_what_was_measured(
    times_of, tiny_run, tmp_path
):
    run = tiny_run.elsewhere(tmp_path / "absent")
    overrides = (f"audio.cache_folder={tmp_path / 'empty'}", "audit.shared_audio=false")
    found, expected, _ = times_of(run, *overrides)
    assert found["audit"].seconds == pytest.approx(0.01 * expected.audio_s())
    assert found["cache"].seconds == pytest.approx(0.02 * expected.audio_s() + 0.1)


def test_the_search_for_shared_audio_and_for_speech_costs_more(times_of, tiny_run, tmp_path):
    run = tiny_run.elsewhere(tmp_path / "absent")
    plain = times_of(run, "audit.shared_audio=false")[0]["audit"].seconds
    assert times_of(run)[0]["audit"].seconds > plain


def test_a_cache_that_other_runs_filled_takes_almost_no_time(times_of, tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    (copied.path / "stages" / "cache.json").unlink()
    assert times_of(copied)[0]["cache"].seconds < 0.2


def test_a_fit_that_was_stopped_has_fewer_epochs_to_go(times_of, tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    record = copied.path / "stages" / "pretrain-fold-0.json"
    write_json(record.with_suffix(".begun"), {"fingerprint": read_json(record)["fingerprint"]})
    record.unlink()
    left = times_of(copied)[0]["pretrain/fold-0"].seconds
    whole = times_of(copied.elsewhere(tmp_path / "absent"))[0]["pretrain/fold-0"].seconds
    # Both epochs are done: what is left is to load, to start, and to score once more.
    assert left < whole / 2


def test_what_was_not_measured_is_unknown(times_of, tiny_run, tmp_path, trial):
    run = tiny_run.elsewhere(tmp_path / "absent")
    found = times_of(run, told=replace(trial, steps={}, decoding={}, import_s=None))[0]
    assert found.keys() == {"catalog", "folds", "naive_folds", "evaluate"}


def test_bounds_hold_the_estimate_and_add_up():
    total = within(10.0, 1.0) + within(20.0, 0.25)
    assert total == Estimate(30.0, 5.0 + 16.0, 20.0 + 25.0)


def test_a_noisy_measurement_has_wide_bounds(times_of, tiny_run, tmp_path, trial, steps):
    run = tiny_run.elsewhere(tmp_path / "absent")
    noisy = replace(trial, steps={"pretrain": steps, "finetune": replace(steps, spread=0.8)})
    calm, wide = (times_of(run, told=told)[0]["finetune/fold-0"] for told in (trial, noisy))
    assert wide.high - wide.low > 2 * (calm.high - calm.low)
