"""Whole runs: their order, and what a change of the recipe or of the data makes stale."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager

import pytest

from oscine.core import ConfigError
from oscine.pipeline import plan, run
from oscine.train.checkpoint import read_progress
from oscine.train.module import FitModule

FOLDS = {"folds", "naive_folds"}
DATA = {"catalog", "audit", "cache"} | FOLDS
PRETRAIN = {"pretrain/fold-0"}
TARGET = {"finetune/fold-0", "baseline/fold-0", "naive/fold-0"}
JUDGED = {"evaluate", "bundle", "scan"}
END = JUDGED | {"examples"}
FITS = PRETRAIN | TARGET
ALL = DATA | FITS | END

EFFECTS = {
    # What only says how the work is done, or what it is called, makes nothing stale.
    "verbose=false": set(),
    "comment=another": set(),
    "audio.workers=1": set(),
    "audio.cache_budget_gb=5": set(),
    "finetune.checkpoint_every_s=9": set(),
    "tracking.tensorboard=true": set(),
    "scan.settings.threads=1": set(),
    "devices.kind=cpu": set(),
    # The end.
    "scan.settings.threshold=0.9": {"scan"},
    "scan.annotations=null": {"scan"},
    "name=another": {"bundle", "scan"},
    "evaluation.worst_clips=2": {"examples"},
    "evaluation.best_clips=0": {"examples"},
    "evaluation.bootstrap.n=30": JUDGED,
    "baseline=false": JUDGED,
    "compare_naive=false": JUDGED,
    # The middle.
    "finetune.epochs=2": TARGET | END,
    "pretrain.epochs=1": PRETRAIN | {"finetune/fold-0", "naive/fold-0"} | END,
    "evaluation.tta=2": FITS | END,
    "devices.count=2": FITS | END,  # twice the global batch
    "features.n_mels=40": FITS | END,
    "model.dropout=0.1": FITS | END,
    "audio.crop=first": FITS | END,
    # The start.
    "audio.cache_folder=elsewhere": {"cache"},
    "audio.sample_rate=24000": {"cache"} | FITS | END,
    "seed=43": FOLDS | FITS | END,
    "target_folds.n_folds=3": FOLDS | FITS | END,
    "pretrain_folds.n_folds=4": {"folds"} | FITS | END,
    "audit.silence_dbfs=-50": ALL - {"catalog"},
    "audio.window_s=3.0": ALL - {"catalog"},
    "merge.drop_target_overlap=false": ALL,
}


@pytest.mark.parametrize(("override", "stale"), EFFECTS.items(), ids=EFFECTS)
def test_a_setting_makes_stale_what_depends_on_it_and_nothing_else(tiny_run, override, stale):
    assert tiny_run.stale(override) == stale


def test_two_devices_with_half_the_batch_each_leave_the_fits_as_they_are(tiny_run):
    halves = (f"{stage}.batch_size=4" for stage in ("pretrain", "finetune"))
    assert tiny_run.stale("devices.count=2", *halves) == set()


def test_a_further_fold_leaves_the_fits_that_are_there(tiny_run):
    new = {"finetune/fold-1", "baseline/fold-1", "naive/fold-1"}
    assert tiny_run.stale("target_folds.selected=[0, 1]") == new | END


@contextmanager
def touched(path):
    """Pretend that a file was written a minute later."""
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 60 * 10**9))
    try:
        yield
    finally:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@contextmanager
def added(path):
    """Put a file there for a while."""
    path.write_bytes(b"")
    try:
        yield
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("pattern", "stale"),
    [
        ("year_b/train_metadata.csv", ALL),
        ("year_a/train_audio/*/*.ogg", ALL - {"catalog"}),
        ("year_b/train_soundscapes/*.ogg", {"scan"}),
        # It lies in a catalog's folder, but no catalog reads it.
        ("year_b/train_soundscapes_labels.csv", {"scan"}),
    ],
)
def test_a_file_that_changed_makes_stale_what_reads_it(tiny_run, pattern, stale):
    with touched(sorted(tiny_run.chorus.glob(pattern))[0]):
        assert tiny_run.stale() == stale


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("year_a/train_audio/new.ogg", set()),  # the table does not name it
        ("year_b/train_soundscapes/new.ogg", {"scan"}),
        ("year_b/notes.csv", set()),
    ],
)
def test_a_new_file_makes_stale_what_lists_it_alone(tiny_run, name, stale):
    with added(tiny_run.chorus / name):
        assert tiny_run.stale() == stale


def test_annotations_outside_of_the_catalogs_are_watched_too(tiny_run, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("filename,start,end,primary_label\n")
    named = tiny_run.opened(f"scan.annotations={labels}").fingerprints
    with touched(labels):
        later = tiny_run.opened(f"scan.annotations={labels}").fingerprints
    assert {name for name in named if named[name] != later[name]} == {"scan"}


def test_a_list_of_corrupt_files_is_watched(tiny_run, tmp_path):
    names = tmp_path / "bad.txt"
    names.write_text("XC1.ogg\n")
    override = f"merge.corrupt_lists=[{names}]"
    before = tiny_run.opened(override).fingerprints["catalog"]
    with touched(names):
        assert tiny_run.opened(override).fingerprints["catalog"] != before


def test_a_finished_run_is_skipped_from_end_to_end(tiny_run):
    assert tiny_run.stale() == set()
    assert {row["status"] for row in tiny_run.run().values()} == {"skipped"}


def test_a_changed_threshold_really_redoes_the_scan_alone(tiny_run, tmp_path):
    changed = tiny_run.copied(tmp_path / "run")
    rows = changed.run("scan.settings.threshold=0.6")
    assert {name for name, row in rows.items() if row["status"] == "done"} == {"scan"}
    (old,) = (changed.path / "superseded").iterdir()
    kept = changed.elsewhere(old)
    assert kept.table("detections.parquet").equals(tiny_run.table("scan/detections.parquet"))
    assert changed.table("scan/scores.parquet").equals(tiny_run.table("scan/scores.parquet"))
    scores = changed.table("scan/detections.parquet")["score"]
    assert scores.min() is None or scores.min() >= 0.6


def test_the_stages_stand_in_an_order_in_which_each_finds_what_it_needs(tiny_run):
    stages = plan(tiny_run.recipe("target_folds.selected=[0, 1]"))
    names = [stage.name for stage in stages]
    assert names[:5] == ["catalog", "audit", "folds", "naive_folds", "cache"]
    assert names[-4:] == ["evaluate", "bundle", "scan", "examples"]
    early = [set(stage.needs + stage.after) <= set(names[:at]) for at, stage in enumerate(stages)]
    assert all(early)


@pytest.mark.parametrize(
    ("overrides", "fits"),
    [
        ([], ["pretrain/fold-0", "finetune/fold-0", "baseline/fold-0", "naive/fold-0"]),
        (["baseline=false"], ["pretrain/fold-0", "finetune/fold-0", "naive/fold-0"]),
        (["pretrain=null"], ["finetune/fold-0", "naive/fold-0"]),
        (
            ["pretrain_folds.selected=[2]", "baseline=false", "compare_naive=false"],
            ["pretrain/fold-2", "finetune/fold-0"],
        ),
    ],
)
def test_a_recipe_fits_what_it_asks_for(tiny_run, overrides, fits):
    names = [stage.name for stage in plan(tiny_run.recipe(*overrides))]
    assert [name for name in names if "/" in name] == fits


def test_an_unknown_stage_is_an_error_that_lists_the_stages(tiny_run, tmp_path):
    with pytest.raises(ConfigError, match=r"no such stage.*catalog, audit.*finetune/fold-0"):
        run(tiny_run.recipe(), tmp_path / "run", ["finetun"])
    assert not (tmp_path / "run").exists()


def test_one_stage_brings_up_to_date_what_it_stands_on_and_no_more(tiny_run, tmp_path):
    fresh = tiny_run.elsewhere(tmp_path / "run")
    rows = fresh.run(stages=["folds"])
    assert list(rows) == ["catalog", "audit", "folds"]
    assert not (fresh.path / "fits").exists()


TWO = ("target_folds.selected=[0, 1]", "baseline=false", "compare_naive=false")
LONGER = (*TWO, "finetune.epochs=2", "finetune.batch_size=4", "pretrain=null")


def statuses(rows):
    return {name: row["status"] for name, row in rows.items()}


def test_a_fold_can_be_left_to_another_run(tiny_run, tmp_path):
    alone = tiny_run.copied(tmp_path / "run")
    rows = statuses(alone.run(*TWO, folds=[0]))
    assert (rows["finetune/fold-0"], rows["finetune/fold-1"]) == ("skipped", "missing")
    metrics = alone.json("evaluate/metrics.json")["finetune"]
    assert (metrics["missing_folds"], list(metrics["folds"])) == ([1], ["0"])
    assert [path.name for path in (alone.path / "bundle").iterdir()] == ["fold-0"]
    assert not (alone.path / "fits/finetune/fold-1").exists()


def test_folds_of_two_runs_are_merged_by_copying_their_fits(tiny_run, tmp_path):
    """As from another machine: the folder of the fit, and the record of its stage."""
    one, other = (tiny_run.copied(tmp_path / name) for name in ("one", "other"))
    one.run(*TWO, folds=[0])
    assert statuses(other.run(*TWO, folds=[1]))["finetune/fold-1"] == "done"
    shutil.copytree(other.path / "fits/finetune/fold-1", one.path / "fits/finetune/fold-1")
    record = "stages/finetune-fold-1.json"
    shutil.copy(other.path / record, one.path / record)
    before = (one.path / "fits/finetune/fold-1/weights.safetensors").stat().st_mtime_ns
    rows = statuses(one.run(*TWO))
    assert {name for name, status in rows.items() if status == "done"} == END
    assert (one.path / "fits/finetune/fold-1/weights.safetensors").stat().st_mtime_ns == before
    metrics = one.json("evaluate/metrics.json")["finetune"]
    assert (metrics["missing_folds"], list(metrics["folds"])) == ([], ["0", "1"])
    assert metrics["n_folds"]["cmap"] == 2


def test_what_other_settings_left_of_a_missing_fold_is_not_taken_for_it(tiny_run, tmp_path):
    changed = tiny_run.copied(tmp_path / "run")
    changed.run("finetune.epochs=2", *TWO, folds=[1])
    assert changed.json("evaluate/metrics.json")["finetune"]["missing_folds"] == [0]
    assert not (changed.path / "fits/finetune/fold-0").exists()
    assert len(list((changed.path / "superseded").glob("finetune-fold-0-*"))) == 1


def test_a_fold_that_is_not_selected_is_an_error_that_says_how_to_select_it(tiny_run, tmp_path):
    with pytest.raises(ConfigError, match=r"fold 1 is not selected.*selected=\[0, 1\]"):
        run(tiny_run.recipe(), tmp_path / "run", folds=[1])
    assert not (tmp_path / "run").exists()


def test_a_run_goes_on_at_the_fold_that_failed(tiny_run, tmp_path, monkeypatch):
    """Killed in the middle of fold 1's epoch: fold 0 is not touched, fold 1 goes on from there."""
    whole = tiny_run.copied(tmp_path / "whole")
    whole.run(*LONGER, stages=["finetune"])
    broken = tiny_run.elsewhere(tmp_path / "broken")
    with monkeypatch.context() as patch:
        patch.setattr(FitModule, "after_step", dying_in_fold_1(FitModule.after_step, broken))
        with pytest.raises(Killed):
            broken.run(*LONGER, stages=["finetune"])
    fits = broken.path / "fits/finetune"
    before = (fits / "fold-0/weights.safetensors").stat().st_mtime_ns
    stopped_at = read_progress(fits / "fold-1/state.safetensors")
    assert (stopped_at.epoch, stopped_at.batch) == (1, 1)
    assert not (fits / "fold-1/fit.json").exists()
    rows = statuses(broken.run(*LONGER, stages=["finetune"]))
    assert (rows["finetune/fold-0"], rows["finetune/fold-1"]) == ("skipped", "done")
    assert (fits / "fold-0/weights.safetensors").stat().st_mtime_ns == before
    for name in ("weights.safetensors", "exposures.parquet"):
        ends = [(at.path / "fits/finetune/fold-1" / name).read_bytes() for at in (whole, broken)]
        assert ends[0] == ends[1]


class Killed(BaseException):
    """What ends a process in the middle of a step."""


def dying_in_fold_1(after_step, at):
    """An `after_step` that ends the process in the middle of the fold's second epoch."""

    def dying(module):
        after_step(module)
        begun = (at.path / "stages/finetune-fold-1.begun").exists()
        if begun and module.step == module.steps_per_epoch + 2:
            raise Killed

    return dying
