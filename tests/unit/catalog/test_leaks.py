"""The leak audit does not trust what made the folds."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import FoldConfig, audit_leaks, unseen_classes
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


def test_classes_without_training_rows_are_listed() -> None:
    assert unseen_classes(TABLE, folds(1, 0, 1, 2), 0) == ["gadwal"]
    assert unseen_classes(TABLE, folds(1, 0, 1, 2), 1) == []
