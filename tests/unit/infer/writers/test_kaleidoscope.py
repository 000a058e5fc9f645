from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.infer.writers.kaleidoscope import results_table
from synthetic import make_scan


def test_offset_and_duration_are_the_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = make_scan(tmp_path).detections()
    table = results_table(found, 100.0, 4000.0)
    assert table["OFFSET"].to_list() == found["start_s"].to_list()
    assert (table["OFFSET"] + table["DURATION"] - found["end_s"]).abs().max() < 1e-9
    assert table["TOP1MATCH"].to_list() == found["species_code"].to_list()
    assert set(table["INDIR"]) == {str(tmp_path)}
    assert set(table["FOLDER"]) == {"audio"}


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    found = make_scan(tmp_path).detections().with_columns(filepath=pl.lit("a.wav"))
    table = results_table(found, 100.0, 4000.0)
    assert table.select("INDIR", "FOLDER", "IN FILE").unique().rows() == [
        (str(tmp_path), "site", "a.wav")
    ]
