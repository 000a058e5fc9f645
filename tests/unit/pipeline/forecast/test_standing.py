from __future__ import annotations

import os
import sys

import pytest

from oscine.core import read_json, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast import standings


def stand(run, *overrides):
    return {one.stage.name: one for one in standings(RunFolder(run.path, run.recipe(*overrides)))}


def statuses(run, *overrides):
    return {name: one.status for name, one in stand(run, *overrides).items()}


def test_every_stage_of_a_finished_run_is_up_to_date(tiny_run):
    assert set(statuses(tiny_run).values()) == {"up to date"}


def test_every_stage_of_a_run_that_is_not_there_is_new_and_nothing_is_made(tiny_run, tmp_path):
    run = tiny_run.elsewhere(tmp_path / "absent")
    assert set(statuses(run).values()) == {"new"}
    assert not run.path.exists()


@pytest.mark.parametrize(
    "override",
    ["finetune.epochs=2", "audio.window_s=1.5", "pretrain.batch_size=4", "merge.min_rating=2.0"],
)
def test_the_stale_stages_are_those_that_a_run_would_redo(tiny_run, override):
    found = statuses(tiny_run, override)
    assert {name for name, status in found.items() if status == "stale"} == tiny_run.stale(override)


def test_a_stale_stage_says_which_setting_made_it_so_and_those_above_say_which_stage(tiny_run):
    found = stand(tiny_run, "finetune.epochs=2")
    assert found["finetune/fold-0"].why == "fit.epochs: 1 -> 2"
    assert found["evaluate"].why == "it stands on finetune/fold-0, which is made again"


def test_a_file_that_changed_makes_a_stage_stale(tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    table = tiny_run.chorus / "year_b" / "train_metadata.csv"
    before = table.stat().st_mtime_ns
    os.utime(table, ns=(before + 10**9, before + 10**9))
    try:
        found = stand(copied)
    finally:
        os.utime(table, ns=(before, before))
    assert found["catalog"].status == "stale"
    assert "file that it reads has changed" in found["catalog"].why


def test_another_version_of_oscine_makes_all_stale_and_says_so(tiny_run, tmp_path, monkeypatch):
    copied = tiny_run.copied(tmp_path / "run")
    for name in ("oscine.pipeline.plan", "oscine.pipeline.forecast.standing"):
        monkeypatch.setattr(sys.modules[name], "__version__", "9.9")
    assert stand(copied)["catalog"].why == "oscine 0.1.0 made it, this is 9.9"


def test_a_stage_that_was_killed_resumes(tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    record = copied.path / "stages" / "finetune-fold-0.json"
    fingerprint = read_json(record)["fingerprint"]
    record.unlink()
    write_json(record.with_suffix(".begun"), {"fingerprint": fingerprint})
    found = statuses(copied)
    assert found["finetune/fold-0"] == "resumes"
    assert found["evaluate"] == "up to date"  # what it stands on will be what it was


def test_a_cache_that_was_cleared_is_filled_again(tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    found = stand(copied, f"audio.cache_folder={tmp_path / 'other'}")
    assert found["cache"].status == "stale"
    caches = tiny_run.home / "caches"
    caches.rename(tiny_run.home / "away")
    try:
        found = stand(copied)
    finally:
        (tiny_run.home / "away").rename(caches)
    assert found["cache"].status == "resumes"
    assert "gone" in found["cache"].why


def test_a_stage_whose_inputs_are_still_to_be_made_is_new(tiny_run, tmp_path):
    copied = tiny_run.elsewhere(tmp_path / "half")
    copied.run(stages=["catalog"])
    found = statuses(copied)
    assert (found["catalog"], found["audit"], found["folds"]) == ("up to date", "new", "new")


def test_looking_changes_nothing(tiny_run, tmp_path):
    copied = tiny_run.copied(tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in copied.path.rglob("*")}
    stand(copied, "finetune.epochs=3")
    assert {path: path.stat().st_mtime_ns for path in copied.path.rglob("*")} == before
