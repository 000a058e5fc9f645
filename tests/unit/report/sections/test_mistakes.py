from __future__ import annotations

import polars as pl
import pytest

from oscine.evaluate import pr_auc
from oscine.report import Run
from oscine.report.out_of_fold import read_scores
from oscine.report.sections import mistakes
from unit.report.run_folder import write_run


def test_right_answers_are_no_confusions(finished):
    pairs = mistakes.confusions(finished).blocks[0].draw.args[0]
    assert all(truth != predicted for truth, predicted, _ in pairs)


def test_the_worst_clips_are_shown(finished):
    assert [clip.plot.name for clip in mistakes.worst(finished).blocks] == ["worst-1", "worst-2"]


def test_the_best_clips_are_shown(finished):
    assert [clip.plot.name for clip in mistakes.best(finished).blocks] == ["best-3"]


@pytest.mark.parametrize("make", [mistakes.worst, mistakes.best])
def test_a_run_that_kept_no_clips_says_how_to_get_them(tmp_path, make):
    run = Run(write_run(tmp_path / "run", without=["audio", "scan", "fits", "examples"]))
    assert "oscine run keeps them" in make(run).absent


def test_a_run_that_asked_for_no_clips_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "scan", "fits"])
    with (run / "recipe.yaml").open("a") as file:
        file.write("evaluation: {best_clips: 0}\n")
    path = run / "examples/examples.parquet"
    pl.read_parquet(path).filter(kind="worst").write_parquet(path)
    assert mistakes.best(Run(run)).absent == "The recipe asks for none: evaluation.best_clips."
    assert mistakes.worst(Run(run)).blocks


def test_a_run_that_recognised_every_clip_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "scan", "fits"])
    path = run / "examples/examples.parquet"
    pl.read_parquet(path).filter(kind="best").write_parquet(path)
    assert mistakes.worst(Run(run)).text == ["Every clip was recognised."]


def test_a_run_that_confused_nothing_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "scan"])
    path = run / "evaluate/confusions.parquet"
    pl.read_parquet(path).clear().write_parquet(path)
    assert mistakes.confusions(Run(run)).text == ["No clip was taken for another class."]


def test_the_curve_encloses_the_area_that_the_headline_states(finished):
    trade, _ = mistakes.curves(finished).blocks[0].draw.args[0]["finetune"]
    steps = trade.recall - [0.0, *trade.recall[:-1]]
    rows = read_scores(finished, "finetune")
    expected = pr_auc(rows.targets(), rows.scores)
    # The curve has one point for each distinct score of a positive, as the metric has.
    assert (steps * trade.precision).sum() == pytest.approx(expected, abs=1e-12)
