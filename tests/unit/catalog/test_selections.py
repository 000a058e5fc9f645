"""Raven's and Audacity's texts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog.selections import (
    is_selection_table,
    parse_labels,
    parse_selections,
    scored_label,
)
from oscine.core import SourceError
from unit.catalog.published import RAVEN_HEADER

HEAD = "\t".join(RAVEN_HEADER)


def raven(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows]) + "\n"


def row(begin: object, end: object, label: str = "WOTH", number: int = 1) -> str:
    return f"{number}\tSpectrogram 1\t1\t{begin}\t{end}\t100.0\t900.0\t{label}"


def test_times_and_every_column_are_read_with_the_line() -> None:
    table = parse_selections(raven(row(1.5, 2.25), row(3, 4, "EATO")), "t.txt")
    assert table.select("line", "start_s", "end_s", "Species").rows() == [
        (2, 1.5, 2.25, "WOTH"),
        (3, 3.0, 4.0, "EATO"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_any_system_are_read(end: str) -> None:
    text = raven(row(1.5, 2.25), row(3, 4)).replace("\n", end)
    assert parse_selections(text, "t.txt")["line"].to_list() == [2, 3]


def test_a_header_that_ends_in_a_tab_and_rows_that_end_early_are_read() -> None:
    table = parse_selections(raven("1\tSpectrogram 1\t1\t1.5\t2.5", head=f"{HEAD}\t"), "t.txt")
    assert table["Species"].to_list() == [None]
    assert "" not in table.columns


def test_quotes_around_cells_are_no_part_of_them() -> None:
    quoted = "\t".join(f'"{name}"' for name in RAVEN_HEADER)
    table = parse_selections(raven(row('"1.5"', '"2.5"', '"WOTH"'), head=quoted), "t.txt")
    assert table.select("start_s", "Species").rows() == [(1.5, "WOTH")]


def test_a_column_that_is_called_as_one_of_ours_is_not_read() -> None:
    table = parse_selections(raven(f"{row(1, 2)}\tx\ty", head=f"{HEAD}\tline\tstart_s"), "t.txt")
    assert table.select("line", "start_s").rows() == [(2, 1.0)]


def test_the_offset_in_its_own_file_is_where_a_selection_starts() -> None:
    text = raven(f"{row(100, 102.5)}\t40", f"{row(100, 102.5)}\t", head=f"{HEAD}\tFile Offset (s)")
    table = parse_selections(text, "t.txt")
    assert table.select("start_s", "end_s").rows() == [(40.0, 42.5), (100.0, 102.5)]


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [
        ("soon", 2, r"line 3: Begin Time \(s\) is 'soon'"),
        (1, "", r"line 3: End Time \(s\) is None"),
        (-0.5, 2, r"line 3: Begin Time \(s\) is '-0.5'"),
    ],
)
def test_a_time_that_is_none_is_named_by_file_and_line(
    begin: object, end: object, message: str
) -> None:
    with pytest.raises(SourceError, match=rf"{message}.*t\.txt"):
        parse_selections(raven(row(1, 2), row(begin, end)), "t.txt")


def test_a_missing_column_of_times_is_named_beside_those_that_are_there() -> None:
    with pytest.raises(SourceError, match=r"lacks End Time \(s\).*Begin Time \(s\), Species"):
        parse_selections("Begin Time (s)\tSpecies\n1\tWOTH\n", "t.txt")


def test_a_table_without_selections_has_no_rows() -> None:
    assert parse_selections(raven(), "t.txt").is_empty()


@pytest.mark.parametrize("text", ["", "\n", "start\tend\n", "0.1\t0.4\tSP\n"])
def test_other_texts_are_no_selection_tables(text: str) -> None:
    assert not is_selection_table(text)


def test_the_lines_of_a_label_track_are_labels_and_their_frequencies() -> None:
    text = "0.5\t3.25\tCRER\n\\\t2593.15\t8866.92\n1,25\t1,5\tSP\n\n7\t7\t\n"
    table = parse_labels(text, "t.txt")
    assert table is not None
    assert table.rows() == [(1, 0.5, 3.25, "CRER"), (3, 1.25, 1.5, "SP"), (5, 7.0, 7.0, None)]


def test_a_label_track_with_a_line_that_is_no_label_is_named_by_file_and_line() -> None:
    with pytest.raises(SourceError, match=r"line 2: end is 'x'.*t\.txt"):
        parse_labels("0.5\t3.25\tCRER\n4\tx\tSP\n", "t.txt")


@pytest.mark.parametrize(
    "text", ["", "Recorded at dawn.\n", f"{HEAD}\n1\tSpectrogram 1\t1\n", "12\n"]
)
def test_other_texts_are_no_label_tracks(text: str) -> None:
    assert parse_labels(text, "t.txt") is None


def test_a_real_label_track_has_a_label_in_every_other_line(real_data: Path) -> None:
    text = (real_data / "soundscapes" / "spinetail.txt").read_text()
    table = parse_labels(text, "spinetail.txt")
    assert table is not None
    assert table["line"].to_list() == list(range(1, 37, 2))
    assert dict(table["label"].value_counts().iter_rows()) == {"SP": 14, "CRER": 4}


@pytest.mark.parametrize("name", ["Brant", "", "Bird: odd (0.5)"])
def test_a_scored_label_is_read_as_its_species_code(name: str) -> None:
    row = pl.DataFrame({"species_code": ["brant"], "common_name": [name], "score": [0.8754]})
    label = row.select(scored_label()).item()
    table = parse_labels(f"0\t5\t{label}\n", "t.txt")
    assert table is not None
    assert table["label"].to_list() == ["brant"]


@pytest.mark.parametrize("label", ["Turdus merula 0.8", "alarm call (2)", "note: unclear"])
def test_a_label_of_ones_own_stays_as_it_is(label: str) -> None:
    table = parse_labels(f"0\t5\t{label}\n", "t.txt")
    assert table is not None
    assert table["label"].to_list() == [label]
