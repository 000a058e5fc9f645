"""Dealing groups out to folds so that each class is spread evenly: pure NumPy, no tables.

Greedy: the groups that hold the greatest shares of their classes go first, each to the fold where
the sum over its classes of (share of the class in the fold) squared grows least. Since the shares
of a class sum to one, that is the least growth of their variance over the folds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SIZE_WEIGHT = 0.1
"""Weight of even fold sizes against even classes: it decides where the classes do not care."""


@dataclass(frozen=True)
class Bundles:
    """Groups and how many rows of each class they hold.

    Args:
        group: For each row, the number of its group, 0 to n_groups - 1.
        classes: For each row, the number of its class.
    """

    group: Ints
    classes: Ints

    @classmethod
    def of(cls, root: Ints, classes: Ints) -> Bundles:
        """Number groups that are given by any representative."""
        return cls(np.unique(root, return_inverse=True)[1].astype(np.int64), classes)


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
    sizes = np.bincount(bundles.group)
    n_classes = int(bundles.classes.max()) + 1
    counts = np.zeros((n_folds, n_classes))
    fold_of_group = np.full(len(sizes), -1, dtype=np.int64)
    single_row = sizes[bundles.group] == 1
    _deal_greedily(bundles, ~single_row, counts, fold_of_group, random)
    _deal_single_rows(bundles, single_row, counts, fold_of_group, random)
    return fold_of_group[bundles.group]


def _deal_greedily(
    bundles: Bundles,
    rows: NDArray[np.bool_],
    counts: NDArray[np.float64],
    fold_of_group: Ints,
    random: np.random.Generator,
) -> None:
    """Assign the groups of several rows; `counts` and `fold_of_group` are filled in."""
    # One number a pair of group and class: sorting numbers is many times faster than sorting rows.
    pairs, amounts = np.unique(
        bundles.group[rows] * counts.shape[1] + bundles.classes[rows], return_counts=True
    )
    group_of, class_of = np.divmod(pairs, counts.shape[1])
    groups, starts = np.unique(group_of, return_index=True)
    if not len(groups):
        return
    totals = np.maximum(np.bincount(bundles.classes, minlength=counts.shape[1]), 1)
    weight = np.add.reduceat(amounts / totals[class_of], starts)
    order = np.lexsort((random.random(len(groups)), -weight))
    ends = np.append(starts[1:], len(pairs)).tolist()
    # Most groups hold few classes: plain lists are many times faster than arrays so short.
    holdings = list(zip(class_of.tolist(), amounts.tolist(), strict=True))
    inverse = (1.0 / totals**2).tolist()
    size_weight = SIZE_WEIGHT / len(bundles.group) ** 2
    table, sizes = counts.tolist(), [0.0] * len(counts)
    begin, number = starts.tolist(), groups.tolist()
    for place in order.tolist():
        held = holdings[begin[place] : ends[place]]
        fold = _cheapest(held, table, sizes, inverse, size_weight)
        for of, own in held:
            table[fold][of] += own
        sizes[fold] += sum(own for _, own in held)
        fold_of_group[number[place]] = fold
    counts[:] = table


def _cheapest(
    held: list[tuple[int, int]],
    table: list[list[float]],
    sizes: list[float],
    inverse: list[float],
    size_weight: float,
) -> int:
    """Find the fold whose sum of squared shares grows least by a group."""
    size = sum(own for _, own in held)
    growth = [
        sum((2.0 * row[of] + own) * own * inverse[of] for of, own in held)
        + size_weight * (2.0 * total + size) * size
        for row, total in zip(table, sizes, strict=True)
    ]
    return growth.index(min(growth))


def _deal_single_rows(
    bundles: Bundles,
    rows: NDArray[np.bool_],
    counts: NDArray[np.float64],
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
        shares = _fill_up(counts[:, of_class], end - start, counts.sum(axis=1))
        fold_of_group[bundles.group[order[start:end]]] = np.repeat(np.arange(len(shares)), shares)
        counts[:, of_class] += shares


def _fill_up(levels: NDArray[np.float64], amount: int, sizes: NDArray[np.float64]) -> Ints:
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
