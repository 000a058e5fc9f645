from __future__ import annotations

import polars as pl
import pytest

from oscine.report import Run
from oscine.report.blocks import DASH, MINUS
from oscine.report.sections import scores
from unit.report.run_folder import put_json, write_run


def with_difference(tmp_path, low, high) -> Run:
    run = write_run(tmp_path / "run", without=["audio", "scan", "fits"])
    pooled = {"cmap": {"value": 0.5, "low": 0.4, "high": 0.6}}
    found = {"value": None if low is None else (low + high) / 2, "low": low, "high": high}
    stage = {"pooled": pooled, "folds": {}, "mean": {}, "spread": {}, "n": 9}
    metrics = {"finetune": stage, "baseline": stage}
    put_json(
        run / "evaluate/metrics.json",
        metrics | {"difference": {"finetune-baseline": {"cmap": found}}},
    )
    return Run(run)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.1, 0.2, "Pretraining raises cmAP by +0.150"),
        (-0.2, -0.1, f"Pretraining lowers cmAP by {MINUS}0.150"),
        (-0.1, 0.3, "does not exclude no change"),
        (None, None, "no second fit to compare"),
    ],
)
def test_the_headline_says_only_what_the_interval_allows(tmp_path, low, high, sentence):
    assert sentence in scores.headline(with_difference(tmp_path, low, high)).text[0]


def test_intervals_are_called_what_the_recipe_asked_for(tmp_path):
    run = with_difference(tmp_path, 0.1, 0.2)
    with (run.path / "recipe.yaml").open("a") as file:
        file.write("evaluation: {bootstrap: {level: 0.9}}\n")
    section = scores.headline(Run(run.path))
    assert "90 % interval" in section.text[0]
    assert "with 90 % intervals" in section.blocks[0].caption


def test_a_run_without_a_baseline_has_one_column_of_values(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["baseline", "audio"]))
    section = scores.headline(run)
    assert section.blocks[0].columns == ["metric", "Fine-tuned"]
    assert "no second fit" in section.text[0]


def test_metrics_that_this_version_does_not_know_are_passed_over(tmp_path):
    run = with_difference(tmp_path, 0.1, 0.2)
    assert [row[0] for row in scores.headline(run).blocks[0].rows] == ["cmAP"]


def with_naive(tmp_path, found, n_both=40) -> Run:
    run = write_run(tmp_path / "run", without=["audio", "scan", "fits"])
    pooled = {"cmap": {"value": 0.5, "low": 0.4, "high": 0.6}}
    stage = {"pooled": pooled, "folds": {}, "mean": {}, "spread": {}, "n": 90}
    difference = {"cmap": found} if found else {}
    metrics = {"finetune": stage, "naive": stage, "compared": {"naive-finetune": n_both}}
    metrics["difference"] = {"naive-finetune": difference}
    put_json(run / "evaluate/metrics.json", metrics)
    put_json(run / "naive_folds/leaks.json", {"recordist": {"groups": 9, "rows": 90, "leaks": 7}})
    return Run(run)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.1, 0.2, "that much of a naive score is not kept"),
        (-0.2, -0.1, "no leak flatters"),
        (-0.1, 0.3, "does not exclude no change"),
        (None, None, "too few groups for an interval"),
    ],
)
def test_the_naive_verdict_says_only_what_the_interval_allows(tmp_path, low, high, sentence):
    section = scores.naive(with_naive(tmp_path, {"value": 0.1, "low": low, "high": high}))
    assert sentence in section.text[0]
    assert section.text[0].startswith("On the 40 clips that both score")
    assert section.text[1] == "Naive folds put on both sides: 7 recordists."
    (table,) = section.blocks
    assert table.columns == ["metric", "naive folds", "grouped folds", "difference"]


def test_without_clips_in_common_the_verdict_says_what_to_do(tmp_path):
    section = scores.naive(with_naive(tmp_path, None, 0))
    assert "select all folds" in section.text[0]
    assert section.blocks[0].rows[0][-1].main == DASH


def test_a_run_without_naive_folds_says_how_to_ask_for_them(finished):
    assert "compare_naive: true" in scores.naive(finished).absent


def test_classes_come_best_first(finished):
    shown = scores.by_class(finished).blocks[0].draw.args[0]
    assert shown["finetune"].to_list() == sorted(shown["finetune"], reverse=True)
    assert {"baseline", "n_recordings"} <= set(shown.columns)


def test_a_class_has_its_interval_in_the_table(finished):
    (_, table) = scores.by_class(finished).blocks
    assert all(" to " in cell.minor for row in table.rows for cell in row[3:])


def test_a_run_that_was_evaluated_without_intervals_of_classes_has_values(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    path = run / "evaluate/per_class.parquet"
    pl.read_parquet(path).drop(scores.ENDS).write_parquet(path)
    plot, table = scores.by_class(Run(run)).blocks
    assert plot.draw(3.5).axes
    assert {cell.minor for row in table.rows for cell in row[3:]} == {""}


def test_a_long_class_list_shows_both_ends_and_tables_all(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    path = run / "evaluate/per_class.parquet"
    table = pl.read_parquet(path)
    copies = [table.with_columns(pl.col("species_code") + str(k)) for k in range(4)]
    pl.concat(copies).write_parquet(path)
    plot, full = scores.by_class(Run(run)).blocks
    assert plot.draw.args[0].height == scores.CLASSES_SHOWN
    assert len(full.rows) == 4 * 14


def test_classes_without_validation_rows_stand_in_the_table_only(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    path = run / "evaluate/per_class.parquet"
    rare = pl.col("species_code") == "sp13"
    nan = pl.when(rare).then(float("nan")).otherwise("average_precision")
    pl.read_parquet(path).with_columns(nan.alias("average_precision")).write_parquet(path)
    plot, full = scores.by_class(Run(run)).blocks
    assert (plot.draw.args[0].height, len(full.rows)) == (13, 14)
