"""Rows leave with a reason."""

from __future__ import annotations

import polars as pl

from oscine.catalog import DEPARTURES, RECORDINGS, check, depart, gather
from oscine.core import Reason
from unit.catalog.factories import recordings


def test_rows_are_parted_and_those_that_leave_say_why() -> None:
    table = recordings([{}, {}, {}]).with_columns(extra=pl.Series([1, None, 3]))
    outcome = depart(table, pl.col("extra") > 2, Reason.LICENSE, pl.format("{}!", "extra"))
    assert outcome.kept["xc_id"].to_list() == ["XC1", "XC2"]
    assert outcome.departures["xc_id"].to_list() == ["XC3"]
    assert outcome.departures["reason"].to_list() == ["license"]
    assert outcome.departures["detail"].to_list() == ["3!"]
    check(outcome.kept, RECORDINGS)
    check(outcome.departures, DEPARTURES)


def test_gathering_nothing_gives_an_empty_table() -> None:
    check(gather(), DEPARTURES)
