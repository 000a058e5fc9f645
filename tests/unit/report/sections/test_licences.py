from __future__ import annotations

import polars as pl

from oscine.report import Run
from oscine.report.sections import licences
from unit.report.run_folder import put_table, write_run


def test_recordings_are_counted_by_licence_the_unstated_too(finished):
    counts = licences.licenses(finished).blocks[0].draw.args[0]["recordings"]
    assert set(counts) == {"CC BY-NC-SA 4.0", "CC BY 4.0", "not stated"}
    assert sum(counts.values()) == finished.all_recordings().height


def test_everybody_who_must_be_named_is_listed(finished):
    table = licences.licenses(finished).blocks[1]
    assert table.caption == "Attribution: 7 recordists"
    assert table.folded
    assert sum(int(row[2]) for row in table.rows) == finished.all_recordings().height


def test_catalogs_that_state_no_licence_say_so(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"]))
    for part in ("pretrain", "target"):
        path = f"audit/{part}.parquet"
        put_table(run.path / path, run.table(path).with_columns(license=pl.lit(None, pl.String)))
    assert licences.licenses(run).absent == "The catalogs state no licence."
