"""Metrics and precision-recall curves of each class, with intervals from whole groups of rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.evaluate.bootstrap import (
    BootstrapConfig,
    Interval,
    draw_weights,
    interval_around,
)
from oscine.evaluate.ranking import Counts, Floats, ratio
from oscine.evaluate.score_table import ScoreTable

RECALLS: Floats = np.linspace(0.05, 1.0, 20)
"""Recalls at which precision is told."""


@dataclass(frozen=True)
class ClassScores:
    """What the rows say about one class; None where they do not define it.

    Args:
        n_positive: Rows of the class.
        average_precision: With its interval.
        roc_auc: With its interval.
        precision: At each of `RECALLS`, with its interval; empty without positives.
    """

    n_positive: int
    average_precision: Interval | None
    roc_auc: Interval | None
    precision: tuple[Interval, ...]


@dataclass(frozen=True, eq=False)
class _Draw:
    average_precision: Floats
    roc_auc: Floats
    precision: Floats


def bootstrap_classes(
    targets: NDArray[Any],
    scores: NDArray[Any],
    groups: Sequence[Any],
    seed: int,
    config: BootstrapConfig | None = None,
) -> list[ClassScores]:
    """Score each class by itself, with intervals.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes].
        groups: What each row belongs to (its recording), [n_rows].
        seed: Seed of the draws, the same as those of `bootstrap_intervals`.
        config: How many draws, and which level.

    Returns:
        One result a class, in the order of the columns.

    Raises:
        MetricError: The table cannot be scored.
    """
    config = config or BootstrapConfig()
    table = ScoreTable(targets, scores)
    counts = table.class_counts()
    point = _measure(counts)
    draws = [
        _measure(table.class_counts(weights)) for weights in draw_weights(groups, seed, config.n)
    ]

    def interval(name: str, *place: int) -> Interval | None:
        value = float(getattr(point, name)[place])
        if np.isnan(value):
            return None
        drawn = [float(getattr(draw, name)[place]) for draw in draws]
        defined = [None if np.isnan(one) else one for one in drawn]
        return interval_around(value, defined, config, 0.0)

    return [
        ClassScores(
            n_positive=int(n),
            average_precision=interval("average_precision", column),
            roc_auc=interval("roc_auc", column),
            precision=tuple(
                found
                for place in range(len(RECALLS))
                if (found := interval("precision", column, place)) is not None
            ),
        )
        for column, n in enumerate(counts.n_positive)
    ]


def _measure(counts: Counts) -> _Draw:
    precision = np.full((len(counts.n_positive), len(RECALLS)), np.nan)
    at = ratio(counts.positives_ge, counts.decisions_ge, empty=np.nan)
    recall = counts.positives_ge / np.maximum(counts.n_positive[counts.ranked_list], 1e-12)
    first = np.searchsorted(counts.ranked_list, np.arange(len(precision) + 1))
    for column, (start, end) in enumerate(itertools.pairwise(first)):
        if counts.n_positive[column] > 0:
            # Recall is reached at the first positive that brings it, rounding aside.
            place = np.searchsorted(recall[start:end], RECALLS - 1e-9)
            precision[column] = at[start:end][np.minimum(place, end - start - 1)]
    return _Draw(counts.average_precision(), counts.roc_auc(), precision)
