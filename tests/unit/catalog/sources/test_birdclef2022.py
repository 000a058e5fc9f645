"""BirdCLEF 2022: the folder is in the filename; rows that somebody added state nothing."""

from __future__ import annotations

from pathlib import Path

from oscine.catalog import read_catalog
from unit.catalog.published import publish


def test_a_row_of_dashes_is_a_row_without_facts(tmp_path: Path) -> None:
    columns = ("type", "latitude", "longitude", "scientific_name", "author", "rating", "time")
    table = read_catalog(publish("birdclef2022", tmp_path, {0: dict.fromkeys(columns, "-")}))
    first = table.row(0, named=True)
    assert first["type"] == []
    assert {first[name] for name in columns if name != "type"} == {None}


def test_the_time_of_day_is_read(tmp_path: Path) -> None:
    table = read_catalog(publish("birdclef2022", tmp_path, {0: {"time": "08:30"}}))
    assert table["time"].to_list()[0] == "08:30"
    assert table["birdclef"].unique().to_list() == ["22"]
