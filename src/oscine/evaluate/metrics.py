"""Metrics of a score table against the truth: NumPy only, exact (never binned), ties honest.

A score table is [n_rows, n_classes]: one row a clip, one column a species, in [0, 1] (any numbers
that rank will do, except for `padded_cmap`). The truth has the same shape and holds 0 and 1.

Sources: `pr_auc` is what `keras.metrics.AUC(curve="PR")` approximates with 200 bins when it
flattens a batch, taken exactly as the step-wise sum (average precision over pooled decisions);
`padded_cmap` is the published metric of BirdCLEF 2023; `macro_roc_auc` that of BirdCLEF 2024 on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import UndefinedMetricError
from oscine.evaluate.ranking import Floats
from oscine.evaluate.score_table import ScoreTable

Metric = Callable[[NDArray[Any], NDArray[Any]], float]
"""A metric: (targets, scores), both [n_rows, n_classes], to a number."""

PADDING = 5
"""Rows of ones that BirdCLEF 2023 added to truth and scores."""


def pr_auc(targets: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the precision-recall curve of all decisions pooled (micro average precision).

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        The area, 0 to 1. Scores that tell nothing give the share of positives.

    Raises:
        UndefinedMetricError: There are no positives.
    """
    table = ScoreTable(targets, scores)
    return table.pr_auc(table.ones)


def top_k_accuracy(targets: NDArray[Any], scores: NDArray[Any], k: int = 5) -> float:
    """Share of labelled rows with a right class among the k highest scores.

    A tie counts against the model, so that constant scores are right never, not always.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes]; rows without a label are left out.
        scores: Scores, [n_rows, n_classes].
        k: How many guesses, at least 1.

    Returns:
        The share, 0 to 1.

    Raises:
        UndefinedMetricError: No row has a label.

    Example:
        >>> top_k_accuracy(np.eye(3), np.array([[3, 2, 1], [3, 2, 1], [3, 2, 1]]), k=2)
        0.6666666666666666
    """
    table = ScoreTable(targets, scores)
    return table.top_k(table.ones, k)


def accuracy(targets: NDArray[Any], scores: NDArray[Any]) -> float:
    """Share of labelled rows whose highest score belongs to a right class.

    See `top_k_accuracy`, of which this is the case of one guess.
    """
    return top_k_accuracy(targets, scores, k=1)


def macro_roc_auc(targets: NDArray[Any], scores: NDArray[Any]) -> float:
    """ROC AUC of each class with a positive and a negative, averaged over those classes.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        The mean area, 0 to 1; a half says nothing was learnt.

    Raises:
        UndefinedMetricError: No class has both.
    """
    table = ScoreTable(targets, scores)
    return table.macro_roc_auc(table.ones)


def cmap(targets: NDArray[Any], scores: NDArray[Any]) -> float:
    """Average precision of each class with a positive, averaged over those classes (cmAP).

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        The mean, 0 to 1.

    Raises:
        UndefinedMetricError: There are no positives.
    """
    table = ScoreTable(targets, scores)
    return table.cmap(table.ones)


def padded_cmap(targets: NDArray[Any], scores: NDArray[Any], padding: int = PADDING) -> float:
    """Average precision averaged over all classes, after rows of ones are added to both sides.

    Source: the metric of BirdCLEF 2023. The padding lets classes without positives take part and
    softens those with few.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores in [0, 1], [n_rows, n_classes].
        padding: Rows of ones that are added.

    Returns:
        The mean, 0 to 1.

    Raises:
        UndefinedMetricError: There is no class, or no padding and no positive.
    """
    table = ScoreTable(targets, scores)
    return table.padded_cmap(table.ones, padding)


METRICS: Mapping[str, Metric] = {
    "pr_auc": pr_auc,
    "accuracy": accuracy,
    "top_5_accuracy": top_k_accuracy,
    "macro_roc_auc": macro_roc_auc,
    "cmap": cmap,
    "padded_cmap": padded_cmap,
}
"""Every metric by its name, in the order of a table."""

WEIGHTED: Mapping[str, Callable[[ScoreTable, Floats], float]] = {
    "pr_auc": ScoreTable.pr_auc,
    "accuracy": lambda table, weights: table.top_k(weights, 1),
    "top_5_accuracy": lambda table, weights: table.top_k(weights, 5),
    "macro_roc_auc": ScoreTable.macro_roc_auc,
    "cmap": ScoreTable.cmap,
    "padded_cmap": lambda table, weights: table.padded_cmap(weights, PADDING),
}
"""The same metrics on a table that is already sorted, rows counted by weights."""


def evaluate_table(
    table: ScoreTable, weights: Floats | None = None, names: Iterable[str] = tuple(METRICS)
) -> dict[str, float | None]:
    """Take metrics of a table that is already sorted; one that is undefined is None.

    Args:
        table: Truth and scores.
        weights: How often each row counts, [n_rows]; None: once.
        names: Which metrics.

    Returns:
        Each metric by its name.
    """
    found: dict[str, float | None] = {}
    for name in names:
        try:
            found[name] = WEIGHTED[name](table, table.ones if weights is None else weights)
        except UndefinedMetricError:
            found[name] = None
    return found


def evaluate_scores(targets: NDArray[Any], scores: NDArray[Any]) -> dict[str, float | None]:
    """Take every metric of a score table.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        Each metric of `METRICS` by its name; None where these rows do not define it.

    Raises:
        MetricError: The table cannot be scored.

    Example:
        >>> evaluate_scores(np.eye(2), np.eye(2))["cmap"]
        1.0
    """
    return evaluate_table(ScoreTable(targets, scores))


def per_class(targets: NDArray[Any], scores: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Score each class by itself.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].

    Returns:
        `average_precision`, `roc_auc` (NaN where undefined) and `n_positive`, each [n_classes].

    Raises:
        MetricError: The table cannot be scored.
    """
    counts = ScoreTable(targets, scores).class_counts()
    return {
        "average_precision": counts.average_precision(),
        "roc_auc": counts.roc_auc(),
        "n_positive": counts.n_positive.astype(np.int64),
    }
