from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.report import Run
from oscine.report.class_steps import class_steps
from unit.report.run_folder import N_FOLDS, write_run


def test_steps_run_from_the_catalogs_as_read_to_an_epoch_s_clips(finished):
    assert [step.kind for step in class_steps(finished, "pretrain")] == [
        "read",
        "merge",
        "audit",
        "training",
        "upsample",
        "downsample",
    ]
    assert [step.title for step in class_steps(finished, "target")][-2:] == [
        "upsampled to 12",
        "drawn by n^-0.5, an epoch",
    ]


def test_what_the_merge_took_out_of_a_part_was_read(finished):
    read, merged = class_steps(finished, "pretrain")[:2]
    assert read.counts.sum() - merged.counts.sum() == 30
    read, merged = class_steps(finished, "target")[:2]
    assert read.counts.tolist() == merged.counts.tolist()


def test_the_selected_fold_is_not_trained_on(finished):
    rows = finished.recordings("target").height
    training = next(step for step in class_steps(finished, "target") if step.kind == "training")
    assert training.title == "training rows of fold 1"
    assert training.counts.sum() == rows - len(range(1, rows, N_FOLDS))


def test_thresholds_bound_every_class(finished):
    steps = {step.kind: step.counts for step in class_steps(finished, "pretrain")}
    assert steps["training"].min() < 10 <= steps["upsample"].min()
    assert steps["upsample"].max() > 40 == steps["downsample"].max()


def test_weights_move_draws_to_rare_classes_and_keep_their_number(finished):
    steps = {step.kind: step.counts for step in class_steps(finished, "target")}
    before, drawn = steps["upsample"], steps["draw"]
    # Each class is rounded to whole clips.
    assert drawn.sum() == pytest.approx(before.sum(), abs=len(before) / 2)
    assert drawn[0] < before[0]
    assert drawn[-1] > before[-1]


def test_caps_are_told_by_the_first_epoch_s_own_draws(tmp_path):
    path = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    recipe = (path / "recipe.yaml").read_text()
    capped = recipe.replace("upsample: 12,", "upsample: 12, max_per_recordist: 2,")
    (path / "recipe.yaml").write_text(capped)
    last = class_steps(Run(path), "target")[-1]
    assert (last.kind, last.title) == ("draw", "drawn within caps, first epoch")
    assert last.counts.max() <= 2 * 7  # of seven recordists


def test_counts_stand_from_the_commonest_class_to_the_rarest(finished):
    for step in class_steps(finished, "target"):
        assert (np.diff(step.counts) <= 0).all()


@pytest.mark.parametrize(
    ("without", "last"), [("audit", "merge"), ("folds", "audit"), ("catalog", "downsample")]
)
def test_a_missing_stage_ends_or_shortens_the_way(tmp_path, without, last):
    run = Run(write_run(tmp_path / "run", without=[without, "audio", "fits", "scan"]))
    assert class_steps(run, "pretrain")[-1].kind == last


def test_a_run_without_a_recipe_ends_with_its_training_rows(tmp_path):
    path = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    (path / "recipe.yaml").unlink()
    steps = class_steps(Run(path), "target")
    assert steps[-1].title == "training rows of fold 0"


def test_a_part_without_rows_has_no_steps(tmp_path):
    path = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    for stage in ("catalog", "audit"):
        table = pl.read_parquet(path / stage / "pretrain.parquet").clear()
        table.write_parquet(path / stage / "pretrain.parquet")
    assert class_steps(Run(path), "pretrain") == []
