from __future__ import annotations

import polars as pl
import pytest

from oscine.report.blocks import DASH, Preview
from oscine.report.previews import preview_html


def html(rows: pl.DataFrame, note: str = "") -> str:
    return str(preview_html(Preview("first", "The <first> rows", rows, note)))


def test_a_table_of_great_tables_stands_alone_without_its_style():
    text = html(pl.DataFrame({"xc_id": ["XC1"]}))
    assert text.startswith("<table")
    assert text.endswith("</table>")
    assert "<style" not in text
    assert 'class="gt_table"' in text


@pytest.mark.parametrize("part", ["cell", "caption", "note"])
def test_texts_are_escaped(part):
    text = html(pl.DataFrame({"a": ["<b>x</b>"]}), note="<i>y</i>")
    assert {"cell": "&lt;b&gt;x", "caption": "&lt;first&gt;", "note": "&lt;i&gt;y"}[part] in text


def test_numbers_are_written_for_readers_and_nulls_are_a_dash():
    rows = pl.DataFrame({"rows": [12345, None], "rating": [4.5, None], "author": [None, "A"]})
    text = html(rows)
    assert ">12,345<" in text
    assert ">4.5<" in text
    assert text.count(f">{DASH}<") == 3


def test_columns_are_named_in_words():
    assert ">primary label<" in html(pl.DataFrame({"primary_label": ["brant"]}))


def test_the_same_rows_give_the_same_bytes():
    rows = pl.DataFrame({"a": [1]})
    assert html(rows) == html(rows)
