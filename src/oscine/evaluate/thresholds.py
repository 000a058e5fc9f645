"""Thresholds of each class from out-of-fold scores: best F1, or a promised precision.

Scores of different classes are not comparable as they stand, so one threshold for all misses the
shy classes and floods the bold ones. A threshold lies half-way between two neighbouring scores, so
that the rounding of an exported model does not change what passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import MetricError
from oscine.evaluate.ranking import Floats
from oscine.evaluate.score_table import ScoreTable


@dataclass(frozen=True)
class Thresholds:
    """One threshold a class, with what it gave on the rows it was found on; all [n_classes].

    A detection is a score >= `threshold`. Where no threshold keeps the promise, or the class has no
    positive, all three are NaN.
    """

    threshold: Floats
    precision: Floats
    recall: Floats

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both


def best_f1_thresholds(targets: NDArray[Any], scores: NDArray[Any]) -> Thresholds:
    """Find each class's threshold with the greatest F1; of equals the highest.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Out-of-fold scores, [n_rows, n_classes].

    Returns:
        The thresholds.

    Raises:
        MetricError: The table cannot be scored.
    """
    return _each_class(ScoreTable(targets, scores), None)


def precision_thresholds(
    targets: NDArray[Any],
    scores: NDArray[Any],
    precision: float,
    probabilities: NDArray[Any] | None = None,
) -> Thresholds:
    """Find each class's lowest threshold that keeps a precision: the most birds for that promise.

    Counted alone, a few lucky detections keep any promise: two right of two are a precision of 1.
    Probabilities know better, since all rows of the class, or of all classes, made them.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Out-of-fold scores, [n_rows, n_classes].
        precision: Share of detections that must be right, in (0, 1].
        probabilities: What calibration makes of the scores; their mean over the detections must
            keep the precision too. None: counting alone decides.

    Returns:
        The thresholds.

    Raises:
        MetricError: The table cannot be scored, or the precision is outside (0, 1].

    Example:
        >>> truth, scores = np.array([[1], [0], [1]]), np.array([[0.75], [0.5], [0.25]])
        >>> precision_thresholds(truth, scores, precision=0.9).threshold
        array([0.625])
    """
    if not 0.0 < precision <= 1.0:
        raise MetricError(f"precision {precision:g} is outside (0, 1]")
    return _each_class(ScoreTable(targets, scores), precision, probabilities)


def _each_class(
    table: ScoreTable, precision: float | None, probabilities: NDArray[Any] | None = None
) -> Thresholds:
    # Where counting alone decides, every decision is as sure as can be.
    sure = np.ones(table.scores.shape) if probabilities is None else probabilities
    found = [
        _find(truth, score, chance, precision)
        for truth, score, chance in zip(table.targets.T, table.scores.T, sure.T, strict=True)
    ]
    columns = np.array(found, dtype=np.float64).reshape(-1, 3).T
    return Thresholds(*columns)


def _find(
    truth: NDArray[np.bool_],
    score: NDArray[Any],
    chance: NDArray[Any],
    precision_wanted: float | None,
) -> tuple[float, float, float]:
    """Try every distinct score of one class as the lowest that passes."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order].astype(np.float64)
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True)[: len(ranked)])
    right = np.cumsum(truth[order])[last]
    n_positive = int(truth.sum())
    if n_positive == 0:
        return (np.nan, np.nan, np.nan)
    precision, recall = right / (last + 1), right / n_positive
    if precision_wanted is None:
        place = int(np.argmax(2 * right / (last + 1 + n_positive)))
    else:
        expected = np.cumsum(chance[order])[last] / (last + 1)
        kept = np.minimum(precision, expected) >= precision_wanted
        keeps = np.flatnonzero(kept & (right > 0))
        if not len(keeps):
            return (np.nan, np.nan, np.nan)
        # The lowest such threshold adds only false alarms after its last hit: stop at that hit.
        place = int(keeps[np.argmax(recall[keeps])])
    below = ranked[last[place] + 1] if last[place] + 1 < len(ranked) else ranked[last[place]]
    return (ranked[last[place]] + below) / 2, precision[place], recall[place]
