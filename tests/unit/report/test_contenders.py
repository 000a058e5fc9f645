from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.report import Run
from oscine.report.contenders import groups_of, name_runs, read_contender, share
from unit.report.run_folder import put_json, write_run
from unit.report.test_comparison import weaker


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("contenders") / "run", without=["audio", "scan"])


def test_runs_of_other_clips_and_classes_share_what_both_know(run, tmp_path):
    fewer = weaker(run, tmp_path / "fewer", share=0.0)
    kept = Run(fewer).classes("target")[:5]
    codes = [row["species_code"] for row in kept]
    put_json(fewer / "folds" / "classes.json", {"target": kept})
    for path in fewer.glob("fits/finetune/fold-*/out_of_fold.parquet"):
        table = pl.read_parquet(path).filter(pl.col("primary_label").is_in(codes))
        table.with_columns(pl.col("scores").list.head(5)).reverse().write_parquet(path)
    both = share(*(read_contender(one.name, one, None) for one in (run, fewer)))
    assert list(both.codes) == codes
    assert both.truth.sum() == len(both.truth) > 0
    assert np.array_equal(both.scores, both.first_scores)


def test_clips_are_resampled_with_their_groups(run):
    one = read_contender("one", run, None)
    groups = groups_of(one)
    assert len(groups) == one.scored.table.height
    assert set(groups) == {f"recordist {k}" for k in range(7)}
    assert share(one, one).groups == groups


def test_the_stage_is_the_one_asked_for_or_the_fine_tuned(run):
    assert read_contender("one", run, None).stage == "finetune"
    assert read_contender("one", run, "baseline").stage == "baseline"


def test_runs_of_one_name_are_told_apart_by_their_parents(tmp_path):
    paths = [tmp_path / part / "run" for part in "ab"]
    assert name_runs(paths) == ["a/run", "b/run"]
    assert name_runs([tmp_path / "a", tmp_path / "b"]) == ["a", "b"]
