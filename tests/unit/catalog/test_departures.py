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


def test_the_row_that_stays_instead_is_named_and_the_facts_of_the_row_that_left_are_kept() -> None:
    table = recordings([{}, {"author": "Ann", "license": "cc-by 4.0"}])
    first = pl.lit(table["recording_id"][0])
    left = depart(table, pl.col("xc_id") == "XC2", Reason.DUPLICATE_KEY, pl.lit(""), first)
    facts = left.departures.select("filepath", "author", "license", "instead").row(0)
    assert facts == ("/data/a/brant/1-XC2.ogg", "Ann", "cc-by 4.0", "a/brant/0-XC1.ogg")


def test_a_step_that_takes_nothing_out_hands_the_table_on() -> None:
    table = recordings([{}, {}]).with_columns(extra=pl.lit(None, dtype=pl.Int64))
    outcome = depart(table, pl.col("extra") > 2, Reason.LICENSE, pl.format("{}!", "extra"))
    assert outcome.kept.equals(table.drop("extra"))
    check(outcome.departures, DEPARTURES)


def test_gathering_nothing_gives_an_empty_table() -> None:
    check(gather(), DEPARTURES)
