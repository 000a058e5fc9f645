"""Where the split put a recording, and why."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import FoldConfig, Ledger
from oscine.catalog.placement import COMPANIONS, Placement, find_placement
from unit.catalog.factories import built, catalog, recordings


def ledger(rows: list[dict[str, object]], **folds: object) -> Ledger:
    config = FoldConfig(**({"n_folds": 2, "cv_filter": 2} | folds))
    return built((catalog("t", "target"), recordings(rows, "t")), folds=config)


def placement(of: Ledger, xc_id: str) -> Placement:
    rows = of.final["target"].filter(pl.col("xc_id") == xc_id)
    found = find_placement(of, "target", rows["recording_id"][0])
    assert found is not None
    return found


CHAIN = [
    {"xc_id": "XC1_1", "author": "Ann"},
    {"xc_id": "XC1_2", "author": "Ben"},
    {"xc_id": "XC3", "author": "Ben"},
    {"xc_id": "XC4", "author": "Dan"},
    {"xc_id": "XC5"},
]


def test_companions_share_a_key_or_are_joined_through_others() -> None:
    found = placement(ledger(CHAIN), "XC1_1")
    assert found.group_size == 3
    assert found.shared == {
        "recording": {"value": "XC1", "others": 1},
        "recordist": {"value": "ann", "others": 0},
    }
    assert [(one.recording_id, one.shares) for one in found.companions] == [
        ("t/brant/1-XC1_2.ogg", {"recording": "XC1"}),
        ("t/brant/2-XC3.ogg", {}),
    ]


def test_a_row_that_shares_nothing_is_alone() -> None:
    found = placement(ledger(CHAIN), "XC5")
    assert (found.group_size, found.companions, found.why) == (1, (), None)
    assert found.fold in {0, 1}


def test_only_a_few_companions_are_named_those_that_share_most_first() -> None:
    rows = [{"xc_id": f"XC{n}", "author": "Ann"} for n in range(1, 9)]
    rows += [{"xc_id": "XC8_2", "author": "Ann"}, {"xc_id": "XC90"}, {"xc_id": "XC91"}]
    found = placement(ledger(rows), "XC8")
    assert len(found.companions) == COMPANIONS
    assert found.companions[0].shares == {"recording": "XC8", "recordist": "ann"}


RARE = [
    {"xc_id": "XC1", "primary_label": "rare", "author": "Ann"},
    {"xc_id": "XC2", "author": "Ann"},
    {"xc_id": "XC3", "primary_label": "one group", "author": "Ben"},
    {"xc_id": "XC4", "primary_label": "one group", "author": "Ben"},
    {"xc_id": "XC5", "author": "Ben"},
    {"xc_id": "XC6"},
    {"xc_id": "XC7"},
]


@pytest.mark.parametrize(
    ("xc_id", "why"),
    [
        ("XC1", "its class is rare, which has 1 of the 2 rows of cv_filter"),
        ("XC2", "its group also holds rare, which has 1 of the 2 rows of cv_filter"),
        ("XC3", "its class is one group, whose 2 rows are all of this one group"),
        ("XC5", "its group also holds one group, whose 2 rows are all of this one group"),
    ],
)
def test_a_row_that_is_always_in_training_says_why(xc_id: str, why: str) -> None:
    found = placement(ledger(RARE), xc_id)
    assert found.fold == -1
    assert found.why == why


def test_naive_folds_have_groups_of_one() -> None:
    found = placement(ledger(CHAIN, naive=True), "XC1_1")
    assert (found.group_size, found.shared) == (1, {})


def test_a_row_that_left_has_no_place() -> None:
    assert find_placement(ledger(CHAIN), "target", "t/brant/gone.ogg") is None
    assert find_placement(ledger(CHAIN), "pretrain", "t/brant/gone.ogg") is None
