"""Published tables to typed columns."""

from __future__ import annotations

import logging
from pathlib import Path

import polars as pl
import pytest

from oscine.catalog.reading import parse_lists, pick_columns, read_published, typed
from oscine.core import SourceError, location
from web import Web


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ("['']", []),
        ("['houspa', 'redava']", ["houspa", "redava"]),
        ("['a', 'a']", ["a"]),
        ("[\"Mimicry Chuck-will's-widow\", 'song']", ["Mimicry Chuck-will's-widow", "song"]),
        ("brnjay; sthwoo1", ["brnjay", "sthwoo1"]),
        ("brnjay, sthwoo1", ["brnjay", "sthwoo1"]),
        ("-", []),
        ("", []),
        (None, []),
        ("['unclosed", ["unclosed"]),
    ],
)
def test_lists_in_text_are_parsed(text: str | None, expected: list[str]) -> None:
    assert parse_lists(pl.Series("x", [text], dtype=pl.String)).to_list() == [expected]


def test_lists_keep_the_order_of_the_rows() -> None:
    texts = [f"['s{number % 7}']" for number in range(100)]
    assert parse_lists(pl.Series("x", texts)).to_list() == [[f"s{n % 7}"] for n in range(100)]


def test_commas_within_items_part_them_where_asked() -> None:
    column = pl.Series("type", ["['call, female, male']"])
    assert parse_lists(column, inner_commas=True).to_list() == [["call", "female", "male"]]


def test_real_lists_pass_through() -> None:
    column = pl.Series("x", [["a", "", "a"], None])
    assert parse_lists(column).to_list() == [["a"], []]


@pytest.mark.parametrize("text", ["0.0", "0", "-", "", None, "?"])
def test_unrated_is_null(text: str | None) -> None:
    table = pl.DataFrame({"rating": [text, "4.5"]}, schema={"rating": pl.String})
    assert typed(table, "here")["rating"].to_list() == [None, 4.5]


def test_a_number_that_is_none_is_an_error() -> None:
    with pytest.raises(SourceError, match=r"rating holds 'good'"):
        typed(pl.DataFrame({"rating": ["good"]}), "here")


def test_impossible_coordinates_become_null_and_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        places = {"latitude": ["912.0", "12.0", None], "longitude": ["1.0", "2.0", "3.0"]}
        table = typed(pl.DataFrame(places), "here")
    assert table["latitude"].to_list() == [None, 12.0, None]
    assert table["longitude"].to_list() == [None, 2.0, None]
    assert "1 impossible values of latitude" in caplog.text


def test_half_of_a_coordinate_is_no_place() -> None:
    table = typed(pl.DataFrame({"latitude": ["12.0"], "rating": ["4"]}), "here")
    assert table.row(0) == (None, 4.0)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    table = typed(pl.DataFrame({"sample_rate": ["44100.0", "-"]}), "here")
    assert table["sample_rate"].to_list() == [44_100, None]


def test_numbers_of_a_parquet_table_stay_numbers() -> None:
    table = typed(pl.DataFrame({"rating": [0.0, 3.0, float("nan")]}), "here")
    assert table["rating"].to_list() == [None, 3.0, None]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes("\ufeffa,b\n1,2\n".encode())
    assert read_published(path).columns == ["a", "b"]


def test_numeric_labels_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("primary_label\n0042\n")
    assert read_published(path)["primary_label"].to_list() == ["0042"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("header.csv", b"a,b\n"), ("x.parquet", b"no"), ("l.csv", b"a\n\xff\n")],
)
def test_an_unreadable_table_is_a_source_error(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=name):
        read_published(path)


def test_tabs_and_parquet_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("a\tb\n1\t2\n")
    pl.DataFrame({"a": ["1"], "b": ["2"]}).write_parquet(tmp_path / "t.parquet")
    assert read_published(tmp_path / "t.tsv").equals(read_published(tmp_path / "t.parquet"))


def test_all_missing_columns_are_named() -> None:
    with pytest.raises(SourceError, match="lacks b, c"):
        pick_columns(pl.DataFrame({"a": [1]}), {"x": "a", "y": "c", "z": "b"}, "here")


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet"])
def test_a_remote_table_is_read_like_its_file(name: str, tmp_path: Path, web: Web) -> None:
    table = pl.DataFrame({"a": ["1", "2"]})
    if name.endswith("parquet"):
        table.write_parquet(web.folder / name)
    else:
        table.write_csv(web.folder / name, separator="\t" if name.endswith("tsv") else ",")
    assert read_published(location(f"{web.url}/{name}")).equals(table)
    assert read_published(location(f"{web.url}/{name}?version=1")).equals(table)


def test_a_remote_table_that_changed_is_read_anew(web: Web) -> None:
    url = location(f"{web.url}/t.csv")
    for rows in ("a\n1\n", "a\n1\n2\n"):
        (web.folder / "t.csv").write_text(rows)
        table = read_published(url)
    assert len(table) == 2


@pytest.mark.parametrize(("status", "said"), [(404, "no such table"), (403, "access is refused")])
def test_a_remote_table_that_cannot_be_had_is_an_error(status: int, said: str, web: Web) -> None:
    web.statuses["/t.csv"] = status
    with pytest.raises(SourceError, match=rf"{said}.*t\.csv"):
        read_published(location(f"{web.url}/t.csv"))
