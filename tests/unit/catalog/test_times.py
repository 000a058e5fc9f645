"""Times of annotations."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscine.catalog.times import seconds


@pytest.mark.parametrize(
    ("text", "expected_s"),
    [
        ("0", 0.0),
        (" 7.25 ", 7.25),
        ("7,25", 7.25),
        ("00:00:05", 5.0),
        ("01:05", 65.0),
        ("01:00:00.5", 3600.5),
        ("-3", -3.0),
    ],
)
def test_seconds_and_clocks_are_read(text: str, expected_s: float) -> None:
    assert seconds(pl.Series("start", [text])).to_list() == [expected_s]


@pytest.mark.parametrize("text", ["", "soon", "1:xx", "1:2:3:4", "nan", "inf", None])
def test_what_is_no_time_is_null(text: str | None) -> None:
    assert seconds(pl.Series("start", [text], dtype=pl.String)).to_list() == [None]


@pytest.mark.parametrize(
    "value",
    [5.5, datetime.timedelta(seconds=5.5), datetime.time(0, 0, 5, 500_000)],
)
def test_typed_columns_keep_their_fractions(value: object) -> None:
    assert seconds(pl.Series("start", [value, None])).to_list() == [5.5, None]


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_clock_is_its_seconds(hours: int, minutes: int, rest: int) -> None:
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    assert seconds(pl.Series("start", [text])).item() == 3600 * hours + 60 * minutes + rest
