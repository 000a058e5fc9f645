"""Curves behind the numbers: precision against recall, and how often a score keeps its word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import UndefinedMetricError
from oscine.evaluate.ranking import Floats, rank_pooled
from oscine.evaluate.score_table import ScoreTable

N_BINS = 10
"""Bins of a reliability curve."""

DOUBTFUL = 0.1
"""Scores below are sure negatives: they are nearly all, and would hide the error of the others."""


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision and recall of all decisions pooled, from the strictest threshold on."""

    threshold: Floats
    precision: Floats
    recall: Floats


@dataclass(frozen=True)
class Reliability:
    """Mean score and share of right decisions in bins of equal width that hold any."""

    score: Floats
    share_right: Floats
    n: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error: how far score and share lie apart, over all decisions.

        Source: Naeini et al. (2015), "Obtaining well calibrated probabilities using Bayesian
        binning". Where nearly all decisions are sure negatives, it is small whatever the others.
        """
        return self._error(slice(None))

    @property
    def error_of_doubtful(self) -> float | None:
        """The same over bins of a mean score of `DOUBTFUL` or more; None: there is none."""
        above = self.score >= DOUBTFUL
        return self._error(above) if above.any() else None

    def _error(self, bins: Any) -> float:
        apart = np.abs(self.score - self.share_right)[bins]
        return float(np.average(apart, weights=self.n[bins]))

    def to_plain(self) -> dict[str, Any]:
        """Give the bins and both errors as JSON-ready data."""
        return {
            "score": self.score.tolist(),
            "share_right": self.share_right.tolist(),
            "n": self.n.tolist(),
            "error": self.error,
            "error_of_doubtful": self.error_of_doubtful,
        }


def precision_recall(targets: NDArray[Any], scores: NDArray[Any]) -> PrecisionRecall:
    """Trace the curve whose area is `pr_auc`.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        One point a distinct score of a positive.

    Raises:
        UndefinedMetricError: There are no positives.

    Example:
        >>> precision_recall(np.eye(2), np.array([[0.9, 0.6], [0.2, 0.5]])).precision
        array([1.        , 0.66666667])
    """
    table = ScoreTable(targets, scores)
    counts = rank_pooled(table.targets, table.scores).counts(table.ones)
    if not counts.n_positive[0]:
        raise UndefinedMetricError("the precision-recall curve is undefined: no positives")
    threshold, first = np.unique(-counts.score, return_index=True)
    return PrecisionRecall(
        threshold=-threshold,
        precision=(counts.positives_ge / counts.decisions_ge)[first],
        recall=counts.positives_ge[first] / counts.n_positive[0],
    )


def reliability(targets: NDArray[Any], scores: NDArray[Any], n_bins: int = N_BINS) -> Reliability:
    """Compare scores with how often they are right, all decisions pooled.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores in [0, 1], [n_rows, n_classes].
        n_bins: Bins of equal width.

    Returns:
        The bins that hold a decision, from low scores to high ones.
    """
    table = ScoreTable(targets, scores)
    return reliability_of(table.targets.ravel(), table.scores.ravel(), n_bins)


def reliability_of(truth: NDArray[Any], score: NDArray[Any], n_bins: int = N_BINS) -> Reliability:
    """Compare scores with how often they are right.

    Args:
        truth: 0 or 1, [n_decisions].
        score: In [0, 1], [n_decisions].
        n_bins: Bins of equal width.

    Returns:
        The bins that hold a decision, from low scores to high ones.
    """
    score = score.astype(np.float64)
    bins = np.clip((score * n_bins).astype(np.intp), 0, n_bins - 1)
    n = np.bincount(bins, minlength=n_bins)
    held = n > 0
    return Reliability(
        score=(np.bincount(bins, score, n_bins)[held] / n[held]).astype(np.float64),
        share_right=(np.bincount(bins, truth, n_bins)[held] / n[held]).astype(np.float64),
        n=n[held].astype(np.int64),
    )
