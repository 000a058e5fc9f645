"""The published tables of soundscape labels."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog.soundscape_labels import parse_soundscape_labels
from oscine.core import CatalogError


def of_2026(*rows: str) -> pl.DataFrame:
    names = ("filename", "start", "end", "primary_label")
    cells = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    return parse_soundscape_labels(pl.DataFrame(cells), "labels.csv")


def of_2021(*rows: str) -> pl.DataFrame:
    names = ("row_id", "site", "audio_id", "seconds", "birds")
    cells = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    return parse_soundscape_labels(pl.DataFrame(cells), "labels.csv")


def test_a_row_of_2026_has_a_clock_and_joined_labels() -> None:
    table = of_2026("a.ogg,00:00:05,00:00:10,brant;22930")
    assert table.rows() == [("a.ogg", 2, 5.0, 10.0, "brant"), ("a.ogg", 2, 5.0, 10.0, "22930")]


def test_a_row_of_2021_says_where_its_five_seconds_end() -> None:
    table = of_2021("11254_COR_275,COR,11254,275,brnjay sthwoo1", "7019_COR_5,COR,7019,5,nocall")
    assert table.select("audio_id", "site", "start_s", "end_s", "label").rows() == [
        ("11254", "COR", 270.0, 275.0, "brnjay"),
        ("11254", "COR", 270.0, 275.0, "sthwoo1"),
        ("7019", "COR", 0.0, 5.0, "nocall"),
    ]


def test_rows_that_repeat_are_one() -> None:
    assert len(of_2026(*["a.ogg,0,5,brant;brant", "a.ogg,00:00:00,5,brant"])) == 1


def test_a_row_without_label_has_none() -> None:
    assert of_2026("a.ogg,0,5,")["label"].to_list() == [None]


@pytest.mark.parametrize(
    ("row", "message"),
    [("a.ogg,soon,5,brant", "line 3: start is 'soon'"), ("a.ogg,0,,brant", "line 3: end is ''")],
)
def test_a_time_that_is_none_is_named_by_its_line(row: str, message: str) -> None:
    with pytest.raises(CatalogError, match=rf"{message}.*labels\.csv.*HH:MM:SS"):
        of_2026("a.ogg,0,5,brant", row)


def test_a_table_of_neither_form_is_told_its_columns() -> None:
    with pytest.raises(CatalogError, match=r"no column 'start'.*filename, start, end"):
        parse_soundscape_labels(pl.DataFrame({"filename": ["a"]}), "labels.csv")
