"""The leak audit does not trust what made the folds."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import (
    CLUSTERS,
    FoldConfig,
    audit_across,
    audit_leaks,
    empty,
    unseen_classes,
)
from oscine.core import LeakError
from unit.catalog.factories import recordings

TABLE = recordings(
    [
        {"author": "Ann"},
        {"author": "Ann", "primary_label": "gadwal"},
        {"author": None},
        {"author": None},
    ]
)


def folds(*fold: int) -> pl.DataFrame:
    return pl.DataFrame({"recording_id": TABLE["recording_id"], "group": "same", "fold": fold})


def test_groups_on_one_side_pass_and_are_counted() -> None:
    counts = audit_leaks(TABLE, folds(0, 0, 1, 2), FoldConfig())
    assert counts["recordist"] == {"groups": 1, "rows": 2, "leaks": 0}
    assert counts["recording"] == {"groups": 0, "rows": 4, "leaks": 0}


@pytest.mark.parametrize("bad", [(0, 1, 1, 1), (-1, 0, 1, 1)])
def test_a_recordist_on_both_sides_is_a_leak(bad: tuple[int, ...]) -> None:
    with pytest.raises(LeakError, match=r"1 values of recordist .*\(ann\)"):
        audit_leaks(TABLE, folds(*bad), FoldConfig())


def test_a_cluster_on_both_sides_is_a_leak() -> None:
    clusters = TABLE.tail(2).select("recording_id", cluster=pl.lit("x"))
    with pytest.raises(LeakError, match="duplicate"):
        audit_leaks(TABLE, folds(0, 0, 1, 2), FoldConfig(), clusters)


def test_only_the_keys_of_the_recipe_are_looked_at() -> None:
    config = FoldConfig(group_by=("recording",))
    assert audit_leaks(TABLE, folds(0, 1, 1, 1), config)["recording"]["leaks"] == 0


def test_a_naive_split_is_counted_but_does_not_fail() -> None:
    counts = audit_leaks(TABLE, folds(0, 1, 1, 1), FoldConfig(naive=True))
    assert counts["recordist"]["leaks"] == 1


def test_a_recording_without_fold_is_an_error() -> None:
    with pytest.raises(LeakError, match="1 recordings have no fold"):
        audit_leaks(TABLE, folds(0, 0, 1, 1).head(3), FoldConfig())


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        ((1, 0, 1, 2), {0: ["gadwal"]}),
        ((1, 0, 1, 1), {0: ["gadwal"], 1: ["brant"]}),
        ((1, -1, 0, 2), {}),
    ],
)
def test_classes_without_training_rows_are_listed_by_fold(
    fold: tuple[int, ...], expected: dict[int, list[str]]
) -> None:
    assert unseen_classes(TABLE, folds(*fold)) == expected


HEARD = recordings(
    [
        {"xc_id": "XC91", "author": "ANN", "latitude": 1.0, "longitude": 2.0},
        {"xc_id": "XC92", "author": "Zoe"},
        {"xc_id": "XC93", "author": None},
    ],
    catalog="b",
)
NO_TWINS = empty(CLUSTERS)


def test_recordists_that_pretraining_has_heard_are_counted_in_each_fold() -> None:
    across = audit_across(HEARD, TABLE, folds(0, 1, 1, -1), NO_TWINS)
    assert list(across) == ["0", "1"]
    assert across["0"]["recordist"] == {"groups": 1, "rows": 1, "share": 1.0}
    assert across["1"]["recordist"] == {"groups": 1, "rows": 1, "share": 0.5}
    assert across["1"]["recording"] == {"groups": 0, "rows": 0, "share": 0.0}


def test_always_training_rows_may_be_known_from_pretraining() -> None:
    across = audit_across(HEARD, TABLE, folds(-1, -1, 0, 1), NO_TWINS, ("recordist",))
    assert across["0"]["recordist"]["rows"] == 0


def test_a_site_that_pretraining_has_heard_is_counted() -> None:
    there = TABLE.with_columns(latitude=pl.lit(1.0), longitude=pl.lit(2.0))
    across = audit_across(HEARD, there, folds(0, 0, 1, 1), NO_TWINS)
    assert across["0"]["site"] == {"groups": 1, "rows": 2, "share": 1.0}


def test_a_recording_that_pretraining_has_heard_fails_the_run() -> None:
    heard = HEARD.with_columns(xc_id=pl.lit("XC3_2"))
    with pytest.raises(LeakError, match=r"1 values of recording .*\(XC3\)"):
        audit_across(heard, TABLE, folds(0, 0, 1, 1), NO_TWINS)
    across = audit_across(heard, TABLE, folds(0, 0, 1, 1), NO_TWINS, ())
    assert across["1"]["recording"] == {"groups": 1, "rows": 1, "share": 0.5}


def test_a_twin_in_pretraining_fails_the_run() -> None:
    ids = [HEARD["recording_id"][0], TABLE["recording_id"][2]]
    twins = pl.DataFrame({"recording_id": [*ids, *ids], "cluster": ["x", "x", "bytes", "others"]})
    with pytest.raises(LeakError, match="1 values of duplicate"):
        audit_across(HEARD, TABLE, folds(0, 0, 1, 1), twins)


def test_a_recipe_can_forbid_more() -> None:
    with pytest.raises(LeakError, match=r"recordist .*\(ann\)"):
        audit_across(HEARD, TABLE, folds(0, 1, 1, 1), NO_TWINS, ("recordist",))
