from __future__ import annotations

import polars as pl

from oscine.report import Run
from oscine.report.out_of_fold import read_scores
from unit.report.run_folder import N_TARGET, write_run


def test_every_row_has_one_true_class(finished):
    rows = read_scores(finished, "finetune")
    assert rows.scores.shape == (rows.table.height, N_TARGET)
    assert rows.targets().sum(axis=1).tolist() == [1] * rows.table.height


def test_a_stage_that_did_not_run_has_no_scores(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["baseline", "audio"]))
    assert read_scores(run, "baseline") is None


def test_rows_of_unknown_label_are_left_out(tmp_path):
    run = write_run(tmp_path / "run", without=["audio"])
    path = run / "fits/finetune/fold-0/out_of_fold.parquet"
    before = read_scores(Run(run), "finetune").table.height
    table = pl.read_parquet(path)
    n = table.filter(pl.col("primary_label") == "sp00").height
    table.with_columns(pl.col("primary_label").replace("sp00", "stranger")).write_parquet(path)
    assert read_scores(Run(run), "finetune").table.height == before - n
