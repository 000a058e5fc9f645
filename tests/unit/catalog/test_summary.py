"""Counts for the report."""

from __future__ import annotations

import polars as pl

from oscine.catalog import counts_by_catalog, counts_by_class, first_rows
from oscine.catalog.summary import FIRST_COLUMNS
from unit.catalog.factories import recordings

TABLE = pl.concat(
    [
        recordings([{"author": "Ann", "secondary_labels": ["gadwal", "owl"]}, {}], "b"),
        recordings([{"primary_label": "gadwal", "author": "Ann"}], "a"),
    ]
)


def test_rows_per_catalog() -> None:
    assert counts_by_catalog(TABLE).rows() == [("a", "23", 1, 1, 1), ("b", "23", 2, 1, 1)]


def test_rows_per_class_with_the_others_that_hear_it() -> None:
    assert counts_by_class(TABLE).rows() == [("brant", 2, 1, 0), ("gadwal", 1, 1, 1)]


def test_the_first_rows_have_the_columns_worth_showing() -> None:
    shown = first_rows(TABLE, 2)
    assert shown.columns == list(FIRST_COLUMNS)
    assert len(shown) == 2
