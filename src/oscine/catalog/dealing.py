"""Dealing groups out to folds so that each label is spread evenly: pure NumPy, no tables.

A class is two labels: heard in front (primary) and heard behind (secondary). A group holds an
amount of each label: its rows of it. Greedy: the groups that hold the greatest shares of their
labels go first, each to the fold where the sum over its labels of (share of the label in the fold)
squared grows least. Since the shares of a label sum to one, that is the least growth of their
variance over the folds. Last come the rows that are their own group and have no secondary label:
they fill their classes up to even counts.

Source: Sechidis, Tsoumakas & Vlahavas (2011), "On the stratification of multi-label data": who
holds much of the rarest labels goes first, to the fold that lacks them most; and the greedy
assignment of groups of scikit-learn's StratifiedGroupKFold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SIZE_WEIGHT = 0.1
"""Weight of even fold sizes against even labels: it decides where the labels do not care."""

SECONDARY_WEIGHT = 0.25
"""Weight of an even secondary label against an even primary one.

Scores are taken of primary labels, so these come first. Measured on BirdCLEF 2022 and 2023: at 0.25
the primary labels are spread as if there were no secondary ones, at 1 they begin to suffer.
"""


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Bundles:
    """Groups, and the labels of their rows.

    Args:
        group: For each row, the number of its group, 0 to n_groups - 1.
        classes: For each row, the number of its class.
        behind_rows: For each secondary label, its row.
        behind_classes: For each secondary label, the number of its class.
    """

    group: Ints
    classes: Ints
    behind_rows: Ints = field(default_factory=_none)
    behind_classes: Ints = field(default_factory=_none)

    @classmethod
    def of(cls, root: Ints, classes: Ints, behind: tuple[Ints, Ints] | None = None) -> Bundles:
        """Number groups that are given by any representative.

        Args:
            root: For each row, what its group is known by.
            classes: For each row, the number of its class.
            behind: Rows and classes of the secondary labels, each pair once.
        """
        group = np.unique(root, return_inverse=True)[1].astype(np.int64)
        return cls(group, classes, *(behind or ()))


@dataclass(frozen=True)
class _Holdings:
    """What each group holds of each label, and the state of the folds.

    Labels are numbered: classes in front, then classes behind, then one that every row has, for
    the sizes of the folds.

    Args:
        label: For each pair of group and label, the label; pairs are ordered by group.
        amount: For each pair, the rows of the group that have the label.
        starts: For each group, its first pair; one more at the end.
        price: For each label, what a squared row of it costs: its weight over its total squared.
        counts: Rows in the folds so far, [n_labels, n_folds].
    """

    label: Ints
    amount: Floats
    starts: Ints
    price: Floats
    counts: Floats


def deal(bundles: Bundles, n_folds: int, random: np.random.Generator) -> Ints:
    """Deal groups out to folds.

    Args:
        bundles: The groups.
        n_folds: How many folds.
        random: Breaks ties.

    Returns:
        For each row, its fold.

    Example:
        >>> rows = Bundles(np.arange(4), np.array([0, 0, 1, 1]))
        >>> fold = deal(rows, 2, np.random.default_rng(0))
        >>> sorted(fold[:2].tolist()), sorted(fold[2:].tolist())
        ([0, 1], [0, 1])
    """
    held = _holdings(bundles, n_folds)
    fold_of_group = np.full(len(held.starts) - 1, -1, dtype=np.int64)
    # Two labels: the row's class, and the one that every row has.
    lone = (np.bincount(bundles.group) == 1) & (np.diff(held.starts) == 2)
    _deal_greedily(held, np.flatnonzero(~lone), fold_of_group, random)
    _deal_lone_rows(bundles, lone[bundles.group], held.counts, fold_of_group, random)
    return fold_of_group[bundles.group]


def _holdings(bundles: Bundles, n_folds: int) -> _Holdings:
    n_rows = len(bundles.group)
    n_classes = 1 + int(max(bundles.classes.max(), bundles.behind_classes.max(initial=0)))
    n_labels = 2 * n_classes + 1
    group = np.concatenate([bundles.group, bundles.group[bundles.behind_rows], bundles.group])
    behind = bundles.behind_classes + n_classes
    label = np.concatenate([bundles.classes, behind, np.full(n_rows, n_labels - 1)])
    # One number a pair of group and label: sorting numbers is many times faster than sorting rows.
    pairs, amount = np.unique(group * n_labels + label, return_counts=True)
    weight = np.repeat([1.0, SECONDARY_WEIGHT, SIZE_WEIGHT], [n_classes, n_classes, 1])
    totals = np.maximum(np.bincount(label, minlength=n_labels), 1)
    group_of, label_of = np.divmod(pairs, n_labels)
    starts = np.searchsorted(group_of, np.arange(group_of[-1] + 2))
    counts = np.zeros((n_labels, n_folds))
    return _Holdings(label_of, amount.astype(np.float64), starts, weight / totals**2, counts)


def _deal_greedily(
    held: _Holdings, groups: Ints, fold_of_group: Ints, random: np.random.Generator
) -> None:
    """Assign groups one by one; the counts of `held` and `fold_of_group` are filled in."""
    prices = held.price[held.label]
    shares = np.add.reduceat(held.amount * np.sqrt(prices), held.starts[:-1])[groups]
    # The growth of a squared count is 2 count own + own squared: the last is the same in each fold.
    growth = (held.amount * prices)[:, None]
    counts = held.counts
    order = groups[np.lexsort((random.random(len(groups)), -shares))]
    begin, end = held.starts[order].tolist(), held.starts[order + 1].tolist()
    for group, first, last in zip(order.tolist(), begin, end, strict=True):
        labels = held.label[first:last]
        # Not `@`: each machine's BLAS rounds in its own order, and ties would fall otherwise there.
        fold = int((growth[first:last] * counts[labels]).sum(axis=0).argmin())
        counts[labels, fold] += held.amount[first:last]
        fold_of_group[group] = fold


def _deal_lone_rows(
    bundles: Bundles,
    rows: NDArray[np.bool_],
    counts: Floats,
    fold_of_group: Ints,
    random: np.random.Generator,
) -> None:
    """Fill each class up with the rows that are their own group, to even counts."""
    if not rows.any():
        return
    places = np.flatnonzero(rows)
    order = places[np.lexsort((random.random(len(places)), bundles.classes[places]))]
    classes, starts = np.unique(bundles.classes[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    for of_class, start, end in zip(classes, starts, ends, strict=True):
        shares = _fill_up(counts[of_class], end - start, counts[-1])
        fold_of_group[bundles.group[order[start:end]]] = np.repeat(np.arange(len(shares)), shares)
        counts[of_class] += shares
        counts[-1] += shares


def _fill_up(levels: Floats, amount: int, sizes: Floats) -> Ints:
    """Share an amount so that the levels become even; what is left over goes to small folds."""
    order = np.lexsort((sizes, levels))
    sorted_levels = levels[order]
    shares = np.zeros(len(levels), dtype=np.int64)
    for used in range(len(levels), 0, -1):
        height = (amount + sorted_levels[:used].sum()) / used
        if height >= sorted_levels[used - 1]:
            filled = order[:used]
            shares[filled] = np.floor(height - levels[filled]).astype(np.int64)
            left = amount - int(shares.sum())
            shares[filled[np.argsort(sizes[filled], kind="stable")[:left]]] += 1
            break
    return shares
