from __future__ import annotations

import polars as pl
import pytest

from oscine.pipeline.stages.class_tables import BIN, class_tables
from oscine.pipeline.stages.out_of_fold import OutOfFold, Pair


@pytest.fixture(scope="module")
def made(tiny_run):
    folder = tiny_run.opened()
    tables = {stage: OutOfFold(folder, stage, (0,)) for stage in ("finetune", "baseline")}
    pairs = {"finetune-baseline": Pair.of(tables["finetune"], tables["baseline"])}
    return class_tables(folder, tables, pairs)


def test_each_fit_and_each_difference_has_its_bins(tiny_run, made):
    bins = made["by_frequency"]
    assert bins.schema == BIN
    assert set(bins["stage"]) == {"finetune", "baseline", "finetune-baseline"}
    assert set(tiny_run.table("evaluate/by_frequency.parquet")["stage"]) > set(bins["stage"])


def test_the_difference_of_a_bin_is_that_of_its_fits(made):
    wide = made["by_frequency"].pivot("stage", index="fewest", values="value")
    expected = wide["finetune"] - wide["baseline"]
    assert wide["finetune-baseline"].to_list() == pytest.approx(expected.to_list())


def test_the_bins_hold_the_classes_of_the_class_table(made):
    for (stage,), rows in made["per_class"].group_by("stage"):
        scored = rows.filter(pl.col("average_precision").is_not_null())
        bins = made["by_frequency"].filter(stage=stage)
        assert bins["n_classes"].sum() == scored.height
        mean = (bins["value"] * bins["n_classes"]).sum() / scored.height
        assert mean == pytest.approx(scored["average_precision"].mean())


def test_an_interval_lies_around_its_class(made):
    rows = made["per_class"].drop_nulls("average_precision_low")
    assert rows.height
    inside = rows.select(
        (pl.col("average_precision_low") <= pl.col("average_precision"))
        & (pl.col("average_precision") <= pl.col("average_precision_high"))
    )
    assert inside.to_series().all()


def test_fits_without_a_row_in_common_have_no_bins_together(tiny_run):
    folder = tiny_run.opened()
    table = OutOfFold(folder, "finetune", (0,))
    other = OutOfFold(folder, "baseline", (0,))
    other.table = other.table.with_columns(recording_id="x" + pl.col("recording_id"))
    pairs = {"finetune-baseline": Pair.of(table, other)}
    bins = class_tables(folder, {"finetune": table, "baseline": other}, pairs)["by_frequency"]
    assert "finetune-baseline" not in set(bins["stage"])


def test_a_run_without_scores_has_empty_tables(tiny_run):
    made = class_tables(tiny_run.opened(), {}, {})
    assert made["by_frequency"].is_empty()
    assert made["per_class"].width == 0
