from __future__ import annotations

import polars as pl
import pytest

from oscine.report import Run
from oscine.report.blocks import MINUS
from oscine.report.sections.long_tail import long_tail
from unit.report.run_folder import write_run

WITHOUT = ["audio", "fits", "scan", "examples"]


def test_bins_hold_every_scored_class_once(finished):
    bins = long_tail(finished).blocks[0].draw.args[0]
    assert sum(row["n_classes"] for row in bins) == 14
    assert all(row["finetune"]["low"] < row["finetune"]["high"] for row in bins)


def test_the_table_has_values_with_intervals_and_the_paired_difference(finished):
    table = long_tail(finished).blocks[1]
    assert table.columns[2:] == ["Fine-tuned", "Without pretraining", "difference"]
    assert all(" to " in cell.minor for cell in table.rows[0][2:])
    assert table.rows[0][-1].main[0] in f"+{MINUS}"


def test_a_run_without_a_baseline_has_no_difference(tmp_path):
    run = Run(write_run(tmp_path / "run", without=[*WITHOUT, "baseline"]))
    assert long_tail(run).blocks[1].columns[2:] == ["Fine-tuned"]


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.1, 0.3, True), (-0.3, -0.1, True), (-0.1, 0.1, False)]
)
def test_pretraining_is_said_to_change_only_what_the_interval_allows(tmp_path, low, high, told):
    run = write_run(tmp_path / "run", without=WITHOUT)
    path = run / "evaluate/by_frequency.parquet"
    of_difference = pl.col("stage") == "finetune-baseline"
    pl.read_parquet(path).with_columns(
        value=pl.when(of_difference).then((low + high) / 2).otherwise("value"),
        low=pl.when(of_difference).then(low).otherwise("low"),
        high=pl.when(of_difference).then(high).otherwise("high"),
    ).write_parquet(path)
    text = " ".join(long_tail(Run(run)).text)
    assert ("Pretraining changes it by" in text) == told


def test_the_rarest_are_held_against_the_commonest(finished):
    text = long_tail(finished).text[0]
    assert "with at most 9 recordings: mean average precision 0." in text


def test_a_run_that_was_evaluated_without_bins_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=WITHOUT)
    (run / "evaluate/by_frequency.parquet").unlink()
    assert "kept no bins" in long_tail(Run(run)).absent
