"""Licences, however they are stated."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given

from oscine.catalog import (
    ATTRIBUTION,
    LICENSES,
    attribution,
    check,
    condition_counts,
    exclude_licenses,
    license_counts,
    license_ledger,
    license_tokens,
    normalise_license,
)
from unit.catalog.factories import recordings, tables

SHORT_FORMS = [
    ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", "CC BY-NC-SA 4.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 2.5", "CC BY-NC-ND 2.5"),
    ("Creative Commons Attribution 4.0", "CC BY 4.0"),
    ("http://creativecommons.org/licenses/by-sa/3.0/", "CC BY-SA 3.0"),
    ("//creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0"),
    ("cc-by-nc 4.0", "CC BY-NC 4.0"),
    ("CC BY", "CC BY"),
    ("cc0 1.0", "CC0"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
    ("Public Domain Mark", "public domain"),
    ("All Rights Reserved", "all rights reserved"),
    (None, "unknown"),
    (" ", "unknown"),
    ("GNU FDL", "GNU FDL"),
]


@pytest.mark.parametrize(("text", "short"), SHORT_FORMS)
def test_a_licence_has_one_short_form(text: str | None, short: str) -> None:
    assert normalise_license(text) == short


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", {"by", "nc", "sa"}),
        ("cc0", {"cc0"}),
        ("Public Domain", {"pd"}),
        ("all rights reserved", {"arr"}),
        (None, {"unknown"}),
        ("GNU FDL", {"unknown"}),
    ],
)
def test_conditions_are_read_off(text: str | None, tokens: set[str]) -> None:
    assert license_tokens(text) == tokens


TABLE = recordings(
    [
        {"license": "cc-by-nc 4.0", "author": "Ann"},
        {"license": "Creative Commons Attribution-NonCommercial 4.0", "author": "Ann"},
        {"license": "cc-by-nd 4.0", "author": "Ben"},
        {"license": None},
    ]
)


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ((), ["XC1", "XC2", "XC3", "XC4"]),
        (("nc",), ["XC3", "XC4"]),
        (("nc", "nd"), ["XC4"]),
        (("unknown",), ["XC1", "XC2", "XC3"]),
    ],
)
def test_conditions_are_excluded(tokens: tuple[str, ...], kept: list[str]) -> None:
    outcome = exclude_licenses(TABLE, tokens)
    assert outcome.kept["xc_id"].to_list() == kept
    assert len(outcome.departures) == len(TABLE) - len(kept)


def test_counts_go_by_short_form() -> None:
    assert license_counts(TABLE).rows() == [
        ("CC BY-NC 4.0", 2, 1),
        ("CC BY-ND 4.0", 1, 1),
        ("unknown", 1, 0),
    ]


def test_the_ledger_counts_each_part_and_catalog() -> None:
    measured = TABLE.with_columns(duration_s=pl.lit(1800.0))
    other = recordings([{"license": "cc0", "author": "Ann"}], "b")
    ledger = license_ledger({"pretrain": measured, "target": pl.concat([measured, other])})
    assert ledger.rows()[3:] == [
        ("target", "a", "CC BY-NC 4.0", 2, 1, 1.0),
        ("target", "a", "CC BY-ND 4.0", 1, 1, 0.5),
        ("target", "a", "unknown", 1, 0, 0.5),
        ("target", "b", "CC0", 1, 1, None),
    ]
    assert ledger["recordings"].sum() == 9
    check(ledger, LICENSES)


def test_hours_are_unknown_where_one_length_is() -> None:
    measured = TABLE.with_columns(duration_s=pl.Series([1800.0, None, 1800.0, 1800.0]))
    assert license_ledger({"target": measured})["hours"].to_list() == [None, 0.5, 0.5]


def test_a_recording_counts_under_each_of_its_conditions() -> None:
    assert condition_counts(TABLE) == {"by": 3, "nc": 2, "nd": 1, "unknown": 1}


@given(table=tables(max_size=20))
def test_the_attribution_accounts_for_every_recording(table: pl.DataFrame) -> None:
    named = attribution(table)
    check(named, ATTRIBUTION)
    assert named["recordings"].sum() == len(table)
    assert set(named["xc_ids"].explode().drop_nulls()) == set(table["xc_id"])


def test_everyone_is_named_with_their_recordings() -> None:
    assert attribution(TABLE).rows() == [
        ("Ann", "CC BY-NC 4.0", 2, ["XC1", "XC2"]),
        ("Ben", "CC BY-ND 4.0", 1, ["XC3"]),
        ("unknown", "unknown", 1, ["XC4"]),
    ]
