"""Groups dealt out to folds."""

from __future__ import annotations

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
    return float((table / table.sum(axis=0)).std(axis=0).mean())


@given(
    rows=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=40),
    n_folds=st.integers(2, 5),
)
@settings(max_examples=50, deadline=None)
def test_a_group_is_never_split(rows: list[tuple[int, int]], n_folds: int) -> None:
    group, classes = (np.array(column) for column in zip(*rows, strict=True))
    fold = deal(Bundles.of(group, classes), n_folds, random())
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
