from __future__ import annotations

import json

import pytest

from oscine.report import Run
from oscine.report.blocks import Table
from oscine.report.sections import by_fold
from unit.report.run_folder import write_run


def tables(section):
    return [block for block in section.blocks if isinstance(block, Table)]


def test_every_fold_has_a_column(finished):
    table = tables(by_fold.folds(finished))[1]
    assert table.columns == ["metric", "fold 0", "fold 1", "fold 2"]


def test_mean_and_spread_stand_beside_the_pooled_value(finished):
    found = finished.json("evaluate/metrics.json")["finetune"]
    table = tables(by_fold.folds(finished))[0]
    (row,) = [row for row in table.rows if row[0] == "cmAP"]
    mean, spread = (found[key]["cmap"] for key in ("mean", "spread"))
    assert row[1].main == f"{found['pooled']['cmap']['value']:.3f}"
    assert (row[2].main, row[2].minor) == (f"{mean:.3f} ± {spread:.3f}", "3 folds")


@pytest.fixture
def changed(tmp_path):
    """A run whose metrics of fine-tuning are changed before they are shown."""

    def change(**values):
        path = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
        metrics = json.loads((path / "evaluate/metrics.json").read_text())
        metrics["finetune"] |= values
        (path / "evaluate/metrics.json").write_text(json.dumps(metrics))
        return by_fold.folds(Run(path))

    return change


def test_folds_that_another_run_is_to_bring_are_named(changed):
    (text,) = changed(missing_folds=[1, 2]).text
    assert "without 2 folds of the recipe, number 1, 2" in text


def test_one_fold_has_a_mean_and_no_spread(changed):
    section = changed(spread={"cmap": None}, n_folds={"cmap": 1}, mean={"cmap": 0.5})
    rows = {row[0]: row for row in tables(section)[0].rows}
    assert (rows["cmAP"][2].main, rows["cmAP"][2].minor) == ("0.500", "1 fold")
    assert rows["Accuracy"][2].main == "\N{EN DASH}"


def test_a_run_without_metrics_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"])
    assert by_fold.folds(Run(run)).absent
