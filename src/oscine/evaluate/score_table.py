"""Truth and scores of the same rows, checked once and sorted once, that every metric reads."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import MetricError, UndefinedMetricError
from oscine.evaluate.ranking import Bools, Counts, Floats, Ranking, rank_classes, rank_pooled, ratio


class ScoreTable:
    """Truth and scores of the same rows, checked; sorted when a metric first asks.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, the same shape.

    Raises:
        MetricError: The shapes differ, a score is NaN, or a target is neither 0 nor 1.
    """

    def __init__(self, targets: NDArray[Any], scores: NDArray[Any]) -> None:
        self.targets, self.scores = _checked(np.asarray(targets), np.asarray(scores))
        self.ones = np.ones(len(self.scores))

    @cached_property
    def _classes(self) -> Ranking:
        return rank_classes(self.targets, self.scores)

    @cached_property
    def _pooled(self) -> Ranking:
        return rank_pooled(self.targets, self.scores)

    @cached_property
    def _labelled(self) -> Bools:
        return np.asarray(self.targets.any(axis=1))

    @cached_property
    def _rivals(self) -> NDArray[np.intp]:
        """How many wrong classes score at least as high as the best right one, row by row."""
        best = np.where(self.targets, self.scores, -np.inf).max(axis=1, keepdims=True)
        return np.asarray(((self.scores >= best) & ~self.targets).sum(axis=1))

    def class_counts(self, weights: Floats | None = None) -> Counts:
        """Count what stands above each positive of its own class."""
        return self._classes.counts(self.ones if weights is None else weights)

    def pr_auc(self, weights: Floats) -> float:
        """See `pr_auc`; rows count by `weights`."""
        values = self._pooled.counts(weights).average_precision()
        return _defined(values, "pr_auc", "no positives")

    def top_k(self, weights: Floats, k: int) -> float:
        """See `top_k_accuracy`; rows count by `weights`."""
        weights = weights * self._labelled
        if not weights.any():
            raise UndefinedMetricError("accuracy is undefined: no row has a label")
        return float(np.average(self._rivals < k, weights=weights))

    def macro_roc_auc(self, weights: Floats) -> float:
        """See `macro_roc_auc`; rows count by `weights`."""
        values = self.class_counts(weights).roc_auc()
        return _defined(values, "macro_roc_auc", "no class has both a positive and a negative")

    def cmap(self, weights: Floats) -> float:
        """See `cmap`; rows count by `weights`."""
        return _defined(self.class_counts(weights).average_precision(), "cmap", "no positives")

    def padded_cmap(self, weights: Floats, padding: int) -> float:
        """See `padded_cmap`; rows count by `weights`."""
        counts = self.class_counts(weights)
        # The padding rows score 1: they stand above, or tie with, every positive that scores <= 1.
        added = np.where(counts.score <= 1.0, float(padding), 0.0)
        precision = ratio(counts.positives_ge + added, counts.decisions_ge + added, empty=0.0)
        full = self.scores >= 1.0
        beside, right = weights @ full, weights @ (full & self.targets)
        own = padding * ratio(padding + right, padding + beside, empty=0.0)
        found = counts.sum(counts.weight * precision) + own
        values = ratio(found, counts.n_positive + padding, empty=np.nan)
        return _defined(values, "padded_cmap", "no classes")


def _checked(targets: NDArray[Any], scores: NDArray[Any]) -> tuple[Bools, NDArray[Any]]:
    if targets.ndim != 2 or targets.shape != scores.shape:
        raise MetricError(
            f"targets {targets.shape} and scores {scores.shape} are not one table",
            fix="give both as [n_rows, n_classes]",
        )
    if not np.issubdtype(scores.dtype, np.floating):
        scores = scores.astype(np.float64)
    bad = np.isnan(scores)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise MetricError(
            f"{bad.sum()} of {bad.size} scores are NaN, first at row {row}, class {column}",
            where="scores",
            fix="look for a diverged fit or a damaged recording",
        )
    truth = targets.astype(bool)
    if targets.dtype != np.bool_ and (targets != truth).any():
        raise MetricError("a target is neither 0 nor 1", where="targets", fix="harden soft labels")
    return truth, scores


def _defined(values: Floats, name: str, reason: str) -> float:
    """Average what is defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        raise UndefinedMetricError(f"{name} is undefined: {reason}")
    return float(defined.mean())
