from __future__ import annotations

import polars as pl

from oscine.report import Run
from oscine.report.blocks import Plot, Table
from oscine.report.sections import exposures
from unit.report.run_folder import write_run


def blocks(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def test_exposures_are_an_epochs_mean(finished):
    points = blocks(exposures.exposures(finished), Plot)[0].draw.args[0]
    assert set(points["stage"]) == {"pretrain", "finetune"}
    assert set(points["n_exposures"]) <= set(map(float, range(12, 31)))


def test_the_least_heard_classes_are_drawn_for_each_stage(finished):
    plots = {plot.name: plot for plot in blocks(exposures.exposures(finished), Plot)}
    assert list(plots) == ["exposures", "heard-pretrain", "heard-finetune"]
    rows = plots["heard-pretrain"].draw.args[0]
    assert rows.height == 25  # of 30 classes
    assert rows["n_exposures"].is_sorted()
    assert "the 25 least heard of 30 classes" in plots["heard-pretrain"].caption


def test_every_class_stands_in_a_table_with_what_was_heard_of_it(finished):
    table = blocks(exposures.exposures(finished), Table)[1]
    assert len(table.rows) == 14
    assert table.columns[1:] == [
        "recordings it has", "clips an epoch", "recordings heard", "recordists heard",
    ]  # fmt: skip


def test_different_recordings_are_those_of_the_whole_fit_not_of_an_epoch(tmp_path):
    path = write_run(tmp_path / "run", without=["audio", "evaluate", "scan"])
    code = "sp00"
    rows = [
        {"epoch": epoch, "species_code": code, "n": 4.0, "recordings": n, "recordists": 1}
        for epoch, n in enumerate([3, 5, 7])
    ]
    for fit in (path / "fits/finetune").iterdir():
        pl.DataFrame(rows).write_parquet(fit / "exposures.parquet")
    (row,) = blocks(exposures.exposures(Run(path)), Table)[1].rows
    assert row[2:] == ["4", "7", "1"]


def test_a_sentence_names_the_species_that_was_heard_least_and_most(finished):
    first = exposures.exposures(finished).text[0]
    assert first.startswith("Pretraining: an epoch heard 30 clips of ")
    assert "and 12 of " in first


def test_one_recording_is_no_recordings(tmp_path):
    path = write_run(tmp_path / "run", without=["audio", "evaluate", "scan"])
    row = {"epoch": 0, "species_code": "sp00", "n": 1.0, "recordings": 1, "recordists": 1}
    for fit in (path / "fits/finetune").iterdir():
        pl.DataFrame([row]).write_parquet(fit / "exposures.parquet")
    text = exposures.exposures(Run(path)).text[1]
    assert "an epoch heard 1 clip of" in text
    assert "from 1 recording in the whole fit" in text


def test_a_run_without_fits_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "evaluate", "scan", "fits"])
    assert exposures.exposures(Run(run)).absent
