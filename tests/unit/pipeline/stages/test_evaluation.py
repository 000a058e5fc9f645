from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.evaluate import METRICS, evaluate_scores
from oscine.pipeline.stages.evaluation import fitted
from oscine.pipeline.stages.evaluation import run as evaluate
from oscine.pipeline.stages.out_of_fold import OutOfFold

STAGES = ("pretrain", "finetune", "baseline", "naive")


@pytest.fixture(scope="module")
def metrics(tiny_run):
    return tiny_run.json("evaluate/metrics.json")


def test_there_are_metrics_of_each_kind_of_fit_and_the_difference(metrics):
    assert list(metrics) == [*STAGES, "compared", "difference"]


@pytest.mark.parametrize("stage", STAGES)
def test_each_fit_has_pooled_metrics_with_intervals_and_those_of_each_fold(metrics, stage):
    row = metrics[stage]
    assert list(row) == ["n", "pooled", "folds", "n_folds", "mean", "spread", "missing_folds"]
    assert list(row["folds"]) == ["0"]
    assert list(row["pooled"]) == list(METRICS)
    defined = [value for value in row["pooled"].values() if value is not None]
    assert all(value["low"] <= value["high"] for value in defined)


@pytest.mark.parametrize("stage", STAGES)
def test_pooled_metrics_are_those_of_the_out_of_fold_scores(tiny_run, metrics, stage):
    table = tiny_run.table(f"fits/{stage}/fold-0/out_of_fold.parquet")
    part = "pretrain" if stage == "pretrain" else "target"
    codes = [one["species_code"] for one in tiny_run.json("folds/classes.json")[part]]
    truth = np.array([[label == code for code in codes] for label in table["primary_label"]])
    expected = evaluate_scores(truth.astype(np.float32), np.array(table["scores"].to_list()))
    pooled = {name: value["value"] for name, value in metrics[stage]["pooled"].items()}
    assert pooled == pytest.approx(expected, abs=1e-6)  # scores are float32 in both
    assert metrics[stage]["n"] == len(table)


def test_grouped_folds_are_compared_with_naive_ones_on_the_rows_that_both_score(tiny_run, metrics):
    scored = [
        set(tiny_run.table(f"fits/{stage}/fold-0/out_of_fold.parquet")["recording_id"])
        for stage in ("naive", "finetune")
    ]
    assert metrics["compared"]["naive-finetune"] == len(scored[0] & scored[1]) > 0
    assert set(metrics["difference"]["naive-finetune"]) == set(METRICS)


def test_folds_without_a_row_in_common_have_no_difference(tiny_run, tmp_path):
    apart = tiny_run.copied(tmp_path / "run")
    path = apart.path / "fits/naive/fold-0/out_of_fold.parquet"
    grouped = apart.table("fits/finetune/fold-0/out_of_fold.parquet")["recording_id"]
    table = pl.read_parquet(path)
    table.filter(~pl.col("recording_id").is_in(grouped.implode())).write_parquet(path)
    evaluate(apart.opened())
    metrics = apart.json("evaluate/metrics.json")
    assert metrics["compared"]["naive-finetune"] == 0
    assert metrics["difference"]["naive-finetune"] == {}


def test_the_difference_is_fine_tuned_less_baseline(metrics):
    difference = metrics["difference"]["finetune-baseline"]
    expected = {
        name: metrics["finetune"]["pooled"][name]["value"]
        - metrics["baseline"]["pooled"][name]["value"]
        for name in difference
    }
    assert {name: row["value"] for name, row in difference.items()} == pytest.approx(expected)


def test_every_class_of_every_fit_has_a_row(tiny_run):
    table = tiny_run.table("evaluate/per_class.parquet")
    assert table["stage"].value_counts().sort("stage").rows() == [
        ("baseline", 4),
        ("finetune", 4),
        ("naive", 4),
        ("pretrain", 5),
    ]
    n = table.group_by("stage").agg(pl.col("n_validation").sum()).sort("stage")
    scored = [
        len(tiny_run.table(f"fits/{stage}/fold-0/out_of_fold.parquet")) for stage in sorted(STAGES)
    ]
    assert n["n_validation"].to_list() == scored
    assert table["common_name"].null_count() == 0


def test_confusions_are_the_wrong_first_guesses(tiny_run, metrics):
    table = tiny_run.table("evaluate/confusions.parquet")
    assert (table["species_code"] != table["predicted"]).all()
    wrong = {
        stage: round(metrics[stage]["n"] * (1 - metrics[stage]["pooled"]["accuracy"]["value"]))
        for stage in STAGES
    }
    counted = dict(table.group_by("stage").agg(pl.col("n").sum()).iter_rows())
    # A tie for the first place is no right guess, and need not be a wrong one either.
    assert all(counted.get(stage, 0) <= wrong[stage] for stage in STAGES)
    assert counted


def test_rows_are_resampled_by_the_groups_of_the_folds(tiny_run):
    scored = OutOfFold(tiny_run.opened(), "finetune", (0,))
    groups = dict(
        tiny_run.table("folds/target.parquet").select("recording_id", "group").iter_rows()
    )
    assert scored.groups() == [groups[name] for name in scored.table["recording_id"]]
    assert len(set(scored.groups())) < len(scored)


def test_a_fit_without_out_of_fold_scores_has_no_rows(tiny_run):
    assert len(OutOfFold(tiny_run.opened(), "finetune", (1,))) == 0


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], {"pretrain": (0,), "finetune": (0,), "baseline": (0,), "naive": (0,)}),
        (["pretrain=null"], {"finetune": (0,), "naive": (0,)}),
        (
            ["baseline=false", "compare_naive=false", "target_folds.selected=[1, 0]"],
            {"pretrain": (0,), "finetune": (1, 0)},
        ),
    ],
)
def test_what_a_recipe_fits_is_what_is_evaluated(tiny_run, overrides, expected):
    assert fitted(tiny_run.opened(*overrides)) == expected


def test_a_second_fold_is_fitted_alone_and_pooled_with_the_first(tiny_run, tmp_path):
    both = tiny_run.copied(tmp_path / "run")
    rows = both.run("target_folds.selected=[0, 1]", stages=["evaluate"])
    done = {name for name, row in rows.items() if row["status"] == "done"}
    assert done == {"finetune/fold-1", "baseline/fold-1", "naive/fold-1", "evaluate"}
    row = both.json("evaluate/metrics.json")["finetune"]
    assert row["n"] == len(both.table("audit/target.parquet"))
    values = [row["folds"][fold]["cmap"] for fold in ("0", "1")]
    assert row["mean"]["cmap"] == pytest.approx(np.mean(values))
    assert row["spread"]["cmap"] == pytest.approx(np.std(values, ddof=1))


def test_thresholds_and_calibration_are_of_the_fine_tuned_clips_tried_across_groups(tiny_run):
    found = tiny_run.json("evaluate/calibration.json")
    table = tiny_run.table("fits/finetune/fold-0/out_of_fold.parquet")
    source = found["calibration_source"]
    assert (source["kind"], source["where"]) == ("out_of_fold", "tiny")
    assert source["n_rows"] == len(table)
    # One fold was fitted, so its groups are dealt into parts; no group is in two of them.
    assert found["n_parts"] == min(5, source["n_groups"])
    codes = [one["species_code"] for one in tiny_run.json("folds/classes.json")["target"]]
    assert [row["species_code"] for row in found["classes"]] == codes
    # Fewer clips of each class than the minimum: no threshold, and what all have in common.
    assert found["thresholds"] == {}
    assert set(found["calibration"]) == set(codes)


def test_secondary_labels_are_neither_positives_nor_negatives(tiny_run, tmp_path):
    other = tiny_run.copied(tmp_path / "run")
    path = other.path / "fits/finetune/fold-0/out_of_fold.parquet"
    codes = [one["species_code"] for one in tiny_run.json("folds/classes.json")["target"]]
    table = pl.read_parquet(path)
    own = table["primary_label"][0]
    beside = next(code for code in codes if code != own)
    labels = pl.Series([[beside, own, "unheard"], *([[]] * (len(table) - 1))])
    table.with_columns(secondary_labels=labels).write_parquet(path)
    known = OutOfFold(other.opened(), "finetune", (0,)).known()
    assert known[0].tolist() == [code != beside for code in codes]
    assert known[1:].all()
