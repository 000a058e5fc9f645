from __future__ import annotations

import polars as pl
import pytest

from oscine.report import Run
from oscine.report.sections import places
from unit.report.run_folder import put_table, write_run


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"]))


def change(run: Run, **columns) -> None:
    for part in ("pretrain", "target"):
        path = f"audit/{part}.parquet"
        put_table(run.path / path, run.table(path).with_columns(**columns))


def test_recordings_without_a_place_are_counted(finished):
    everything = finished.all_recordings()
    without = everything["latitude"].null_count()
    assert without > 0
    assert places.places(finished).text == [
        f"{without} recordings of {everything.height} without a place."
    ]


def test_a_catalog_without_places_has_no_map(run):
    change(run, latitude=pl.lit(None, pl.Float64))
    assert places.places(run).absent == "No recording states its place."


def test_the_share_of_the_busiest_is_said_for_each_part(run):
    author = pl.when(pl.int_range(pl.len()) < 30).then(pl.lit("Ann")).otherwise(pl.lit("Bo"))
    change(run, author=author)
    rows = run.recordings("target").height
    share = 100 * (rows - 30) / rows
    assert places.recordists(run).text[1] == (
        f"Target catalog: the busiest of 2 recordists made {share:.0f} % of the recordings."
    )
    table = places.recordists(run).blocks[1]
    assert [row[0] for row in table.rows] == ["Bo", "Ann"]


def test_of_many_recordists_ten_are_counted_together(run):
    change(run, author=pl.format("recordist {}", pl.int_range(pl.len()) % 20))
    assert (
        places.recordists(run)
        .text[0]
        .startswith("Pretraining catalog: the 10 busiest of 20 recordists made 5")
    )


def test_one_recordist_and_rows_without_one_are_said(run):
    change(run, author=pl.when(pl.int_range(pl.len()) > 0).then(pl.lit("Ann")))
    assert places.recordists(run).text[0] == (
        "Pretraining catalog: one recordist made 100 % of the recordings; 1 row states none."
    )


def test_a_part_without_recordists_is_named(run):
    path = "audit/target.parquet"
    nobody = run.table(path).with_columns(author=pl.lit(None, pl.String))
    put_table(run.path / path, nobody)
    section = places.recordists(run)
    assert section.text[1] == "Target catalog: no row states its recordist."
    assert list(section.blocks[0].draw.args[0]) == ["pretrain"]


def test_catalogs_without_recordists_say_so(run):
    change(run, author=pl.lit(None, pl.String))
    assert places.recordists(run).absent == "No recording states its recordist."
