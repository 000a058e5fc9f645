from __future__ import annotations

import json

import pytest

from oscine.report import Run
from oscine.report.blocks import DASH, Table
from oscine.report.sections import fit
from unit.report.run_folder import put_json, write_run


def test_every_fit_has_a_row_with_its_kept_epoch(finished):
    (table,) = (b for b in fit.learning(finished).blocks if isinstance(b, Table))
    assert len(table.rows) == 7
    assert table.rows[0][:3] == ["Pretraining", "0", "11 of 12"]


def test_a_run_killed_during_its_first_fit_shows_the_epochs_it_has(tmp_path):
    run = write_run(tmp_path / "run")
    gone = [path for path in run.glob("fits/*/*/fit.json") if path.unlink() is None]
    assert gone
    assert [type(block).__name__ for block in fit.learning(Run(run)).blocks] == ["Plot"]


def test_the_whole_time_is_the_sum_of_the_stages(finished):
    assert fit.throughput(finished).text == ["All stages together took 4 min 0 s."]


def test_shares_are_of_the_whole_time_and_reading_is_no_part_of_it(finished):
    (plot,) = [b for b in fit.throughput(finished).blocks if getattr(b, "name", "") == "breakdown"]
    shares = plot.draw.args[0]["pretrain, fold 0"]
    assert "decode" not in shares
    assert sum(shares.values()) == pytest.approx(31.5)
    assert shares["other"] == pytest.approx(31.5 - 3.1 - 2.5 - 7.7 - 10.1 - 2.1)


def test_reading_is_told_in_busy_threads(finished):
    table = fit.throughput(finished).blocks[-1]
    assert table.columns[2:4] == ["clips/s", "reading"]
    assert table.rows[0][2:4] == ["96.4", "0.19"]  # 6.0 s of 31.5


def test_every_stage_has_its_time_and_peak_memory(finished):
    table = fit.throughput(finished).blocks[1]
    assert table.columns == ["stage", "time", "peak memory, GiB"]
    assert table.rows[1] == ["audit", "4.8 s", "1.25"]


def test_memory_that_was_not_recorded_has_no_column(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "scan", "evaluate"])
    facts = json.loads((run / "run.json").read_text())
    for row in facts["stages"]:
        del row["peak_memory_gib"]
    put_json(run / "run.json", facts)
    assert fit.throughput(Run(run)).blocks[1].columns == ["stage", "time"]


def test_memory_of_a_gpu_has_a_column_where_there_was_one(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "scan", "evaluate"])
    path = run / "fits/pretrain/fold-0/fit.json"
    put_json(path, json.loads(path.read_text()) | {"device_memory_gib": 5.5})
    table = fit.throughput(Run(run)).blocks[-1]
    assert table.columns[5:] == ["GPU memory, GiB", "device"]
    assert [row[5] for row in table.rows[:2]] == ["5.50", DASH]
