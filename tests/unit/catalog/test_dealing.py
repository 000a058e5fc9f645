"""Groups dealt out to folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from oscine.catalog.dealing import Bundles, deal


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def spread(classes: NDArray[np.int64], fold: NDArray[np.int64], n_folds: int) -> float:
    """Mean over the classes of the deviation over the folds of their shares."""
    table = np.zeros((n_folds, classes.max() + 1))
    np.add.at(table, (fold, classes), 1.0)
    held = table[:, table.any(axis=0)]
    return float((held / held.sum(axis=0)).std(axis=0).mean())


Row = tuple[int, int, set[int]]
ROW = st.tuples(st.integers(0, 8), st.integers(0, 3), st.sets(st.integers(0, 5), max_size=2))
"""Group, class, classes behind."""


def bundled(rows: list[Row]) -> Bundles:
    group, classes, behind = zip(*rows, strict=True)
    pairs = [(row, of) for row, held in enumerate(behind) for of in held]
    behind_rows, behind_classes = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Bundles.of(np.array(group), np.array(classes), (behind_rows, behind_classes))


@given(rows=st.lists(ROW, min_size=1, max_size=40), n_folds=st.integers(2, 5))
@settings(max_examples=50, deadline=None)
def test_a_group_is_never_split(rows: list[Row], n_folds: int) -> None:
    bundles = bundled(rows)
    group = bundles.group
    fold = deal(bundles, n_folds, random())
    assert ((fold >= 0) & (fold < n_folds)).all()
    assert all(len(set(fold[group == one])) == 1 for one in set(group.tolist()))


@given(classes=st.lists(st.integers(0, 4), min_size=1, max_size=60), n_folds=st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_single_rows_are_spread_to_within_one(classes: list[int], n_folds: int) -> None:
    numbers = np.array(classes)
    fold = deal(Bundles.of(np.arange(len(numbers)), numbers), n_folds, random())
    for one in set(classes):
        counts = np.bincount(fold[numbers == one], minlength=n_folds)
        assert counts.max() - counts.min() <= 1
    sizes = np.bincount(fold, minlength=n_folds)
    assert sizes.max() - sizes.min() <= 1


@given(rows=st.lists(ROW, min_size=1, max_size=30), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_the_order_of_secondary_labels_does_not_matter(rows: list[Row], seed: int) -> None:
    one = bundled(rows)
    order = np.random.default_rng(seed).permutation(len(one.behind_rows))
    other = replace(
        one, behind_rows=one.behind_rows[order], behind_classes=one.behind_classes[order]
    )
    assert deal(one, 3, random()).tolist() == deal(other, 3, random()).tolist()


def test_a_class_heard_behind_is_spread_as_one_heard_in_front() -> None:
    classes = np.repeat([0, 1], 30)
    behind = np.array([3, 9, 12, 27, 31, 40]), np.array([2] * 6)
    fold = deal(Bundles.of(np.arange(60), classes, behind), 3, random())
    assert np.bincount(fold[behind[0]]).tolist() == [2, 2, 2]
    assert np.bincount(fold[:30]).tolist() == [10, 10, 10]


@pytest.mark.parametrize("seed", range(3))
def test_secondary_labels_are_spread_at_no_cost_to_primary_ones(seed: int) -> None:
    draw = np.random.default_rng(seed)
    classes = np.minimum(draw.geometric(0.1, 1500), 40) - 1
    rows = draw.choice(1500, 400, replace=False)
    behind = rows, draw.integers(0, 20, 400)
    alone = deal(Bundles.of(np.arange(1500), classes), 5, random())
    fold = deal(Bundles.of(np.arange(1500), classes, behind), 5, random())
    assert spread(behind[1], fold[rows], 5) < 0.5 * spread(behind[1], alone[rows], 5)
    # Single rows without secondary labels fill the classes up: as even as can be in either case.
    assert spread(classes, fold, 5) <= 1.02 * spread(classes, alone, 5)


def test_single_rows_fill_up_what_the_groups_left_uneven() -> None:
    group = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6])
    fold = deal(Bundles.of(group, np.zeros(9, dtype=np.int64)), 3, random())
    assert np.bincount(fold).tolist() == [3, 3, 3]


@pytest.mark.parametrize("seed", range(3))
def test_classes_are_spread_no_worse_than_by_scikit_learn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    group = np.minimum(draw.geometric(0.02, 1500), 200)
    classes = (group * 7 + draw.integers(0, 12, 1500)) % 40
    ours = deal(Bundles.of(group, classes), 5, random())
    theirs = np.empty(1500, dtype=np.int64)
    kfold = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(kfold.split(classes, classes, group)):
        theirs[rows] = number
    # Both are greedy; a tenth is the scatter between seeds of either.
    assert spread(classes, ours, 5) <= 1.1 * spread(classes, theirs, 5)
