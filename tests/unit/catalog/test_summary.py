"""Counts for the report."""

from __future__ import annotations

import polars as pl

from oscine.catalog import account, counts_by_catalog, counts_by_class, first_rows
from oscine.catalog.summary import FIRST_COLUMNS
from unit.catalog.factories import built, catalog, found, recordings

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


PAIRS = (
    (catalog("a"), recordings([{"xc_id": f"XC{number}"} for number in (1, 2, 2, 3, 4)], "a")),
    (
        catalog("t", "target"),
        recordings(
            [
                {"xc_id": "XC1", "license": "cc-by 4.0", "author": "Ann"},
                {"xc_id": "XC7", "primary_label": "gadwal"},
                {"xc_id": "XC7"},
                {"xc_id": "XC8"},
            ],
            "t",
        ),
    ),
)


def test_the_account_follows_each_part_from_its_raw_count_to_its_final_one() -> None:
    told = account(built(*PAIRS))
    removed = {
        part: {step["step"]: step["removed"] for step in steps if step["removed"]}
        for part, steps in told["waterfall"].items()
    }
    assert removed == {"pretrain": {"duplicate_key": 1, "target_overlap": 1}, "target": {}}
    assert told["departures"]["pretrain"] == {"duplicate_key": 1, "target_overlap": 1}
    assert [steps[0]["rows"] for steps in told["waterfall"].values()] == [5, 4]
    assert {part: final["rows"] for part, final in told["final"].items()} == {
        "pretrain": 3,
        "target": 4,
    }


def test_the_account_counts_rows_read_and_kept_of_each_catalog() -> None:
    rows = account(built(*PAIRS))["catalogs"]
    assert [(row["catalog"], row["read"], row["recordings"]) for row in rows] == [
        ("a", 5, 3),
        ("t", 4, 4),
    ]


def test_a_catalog_that_lost_every_row_is_counted_too() -> None:
    lost = (catalog("lost"), recordings([{"xc_id": "XC1"}], "lost"))
    row = account(built(lost, *PAIRS))["catalogs"][0]
    assert (row["read"], row["recordings"], row["classes"]) == (1, 0, 0)


def test_the_account_gathers_conflicts_findings_and_folds() -> None:
    target = PAIRS[1][1]
    told = account(built(*PAIRS, findings=found(target.tail(1), "silent")))
    (conflict,) = told["conflicts"]
    assert conflict["recording_ids"] == ["t/brant/2-XC7.ogg", "t/gadwal/1-XC7.ogg"]
    assert told["findings"]["silent"] == {"rows": 1, "quarantined": 1}
    assert told["final"]["target"]["licenses"] == {"unknown": 2, "CC BY 4.0": 1}
    split = told["folds"]["target"]
    assert sum(split["validated"]) + split["always_training"] == 3


def test_without_an_audit_its_steps_are_left_out() -> None:
    stages = {step["stage"] for step in account(built(*PAIRS))["waterfall"]["target"]}
    assert stages == {"catalog"}
    audited = account(built(*PAIRS, hashes={}))["waterfall"]["target"]
    assert {step["stage"] for step in audited} == {"catalog", "audit"}
