"""Decisions sorted once by score, so that a metric can be asked many times with other row weights.

Average precision and ROC AUC need, at each positive decision, how many decisions and how many
positives scored at least as high. Sorting is what costs; a bootstrap draw only changes how often a
row counts. So the order is kept, and a draw is one gather and one running sum.

Ties are honest: decisions with equal scores stand or fall together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Counts:
    """What stands above each positive decision, each row counted by its weight.

    One entry a positive, ordered by list and falling score. `*_ge` counts decisions that score at
    least as high as it (itself included), `*_gt` those that score higher.
    """

    ranked_list: Ints
    weight: Floats
    score: Floats
    positives_ge: Floats
    positives_gt: Floats
    decisions_ge: Floats
    decisions_gt: Floats
    n_positive: Floats
    """Positives of each list."""
    n_decisions: Floats
    """Decisions of each list."""

    def average_precision(self) -> Floats:
        """Mean precision at the positives of each list; NaN for a list without positives."""
        precision = ratio(self.positives_ge, self.decisions_ge, empty=0.0)
        return ratio(self.sum(self.weight * precision), self.n_positive, empty=np.nan)

    def roc_auc(self) -> Floats:
        """Chance that a positive outscores a negative, ties half; NaN without one of each."""
        negatives_ge = self.decisions_ge - self.positives_ge
        negatives_gt = self.decisions_gt - self.positives_gt
        n_negative = self.n_decisions - self.n_positive
        beaten = n_negative[self.ranked_list] - (negatives_ge + negatives_gt) / 2
        return ratio(self.sum(self.weight * beaten), self.n_positive * n_negative, empty=np.nan)

    def sum(self, values: Floats) -> Floats:
        """Add up one value a positive within each list."""
        return _sum_by(self.ranked_list, values, len(self.n_positive))


class Ranking:
    """Lists of decisions, each sorted by falling score.

    Args:
        targets: Truth of each decision, [n_lists, n_decisions].
        scores: Score of each decision, the same shape.
        rows: Row of the score table that each decision belongs to, the same shape.
    """

    def __init__(self, targets: Bools, scores: NDArray[Any], rows: Ints) -> None:
        order = np.argsort(-scores, axis=1, kind="stable")
        ranked = np.take_along_axis(scores, order, axis=1)
        self._rows = np.take_along_axis(rows, order, axis=1)
        start, end = _tie_bounds(ranked)
        # np.nonzero walks list by list and, within one, by falling score.
        self._list, place = np.nonzero(np.take_along_axis(targets, order, axis=1))
        self._row = self._rows[self._list, place]
        self._score = ranked[self._list, place].astype(np.float64)
        self._start, self._end = start[self._list, place], end[self._list, place]
        self._first = np.searchsorted(self._list, np.arange(len(targets)))
        key = self._list * (scores.shape[1] + 1) + self._start
        self._positive_start = np.searchsorted(key, key, side="left")
        self._positive_end = np.searchsorted(key, key, side="right")

    def counts(self, weights: Floats) -> Counts:
        """Count decisions and positives above each positive.

        Args:
            weights: How often each row of the score table counts, [n_rows].

        Returns:
            The counts.
        """
        running = np.zeros((self._rows.shape[0], self._rows.shape[1] + 1))
        np.cumsum(weights[self._rows], axis=1, out=running[:, 1:])
        weight = weights[self._row]
        positives = np.concatenate([[0.0], np.cumsum(weight)])
        before = positives[self._first][self._list]
        return Counts(
            ranked_list=self._list,
            weight=weight,
            score=self._score,
            positives_ge=positives[self._positive_end] - before,
            positives_gt=positives[self._positive_start] - before,
            decisions_ge=running[self._list, self._end],
            decisions_gt=running[self._list, self._start],
            n_positive=_sum_by(self._list, weight, len(running)),
            n_decisions=running[:, -1],
        )


def rank_classes(targets: Bools, scores: NDArray[Any]) -> Ranking:
    """Rank the rows within each class: one list a class."""
    n_rows, n_classes = targets.shape
    rows = np.broadcast_to(np.arange(n_rows), (n_classes, n_rows))
    return Ranking(np.ascontiguousarray(targets.T), np.ascontiguousarray(scores.T), rows)


def rank_pooled(targets: Bools, scores: NDArray[Any]) -> Ranking:
    """Rank all decisions of all rows and classes together: one list."""
    rows = np.repeat(np.arange(targets.shape[0]), targets.shape[1])
    return Ranking(targets.reshape(1, -1), scores.reshape(1, -1), rows[None])


def _tie_bounds(ranked: NDArray[Any]) -> tuple[Ints, Ints]:
    """Find where each place's run of equal scores starts, and one past where it ends."""
    n = ranked.shape[1]
    changes = ranked[:, 1:] != ranked[:, :-1]
    start = np.zeros(ranked.shape, dtype=np.intp)
    start[:, 1:] = np.where(changes, np.arange(1, n), 0)
    end = np.full(ranked.shape, n, dtype=np.intp)
    end[:, :-1] = np.where(changes, np.arange(1, n), n)
    np.maximum.accumulate(start, axis=1, out=start)
    end = np.minimum.accumulate(end[:, ::-1], axis=1)[:, ::-1]
    return start, end


def _sum_by(place: Ints, values: Floats, n: int) -> Floats:
    return np.bincount(place, values, minlength=n).astype(np.float64)


def ratio(above: Floats, below: Floats, empty: float) -> Floats:
    """Divide, giving `empty` where nothing stands below."""
    result = np.full(below.shape, empty)
    np.divide(above, below, out=result, where=below > 0)
    return result
