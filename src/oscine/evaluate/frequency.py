"""Average precision of classes and of bins of classes by how common they are, with intervals.

Whole groups of rows are drawn as in `bootstrap`; each draw gives an average precision for every
class, and what is said of a class, of a bin and of a difference is read off the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.evaluate.bootstrap import BootstrapConfig, Interval, draw_weights, interval_around
from oscine.evaluate.ranking import Bools, Floats
from oscine.evaluate.score_table import ScoreTable

EDGES = (10, 30, 100, 300)
"""Bins of classes: fewer than 10 recordings, 10 to 29, and so on."""


@dataclass(frozen=True, eq=False)
class ClassDraws:
    """Average precision of each class in the rows themselves, and in each draw of whole groups.

    Args:
        value: [n_classes]; NaN where no row has the class.
        draws: [n_draws, n_classes]; NaN where a draw has no row of the class.
        config: Tells the level of intervals.
        least: The least value that there is: 0, or of differences -1.
    """

    value: Floats
    draws: Floats
    config: BootstrapConfig
    least: float = 0.0

    @classmethod
    def of(
        cls,
        targets: NDArray[Any],
        scores: NDArray[Any],
        groups: Sequence[Any],
        seed: int,
        config: BootstrapConfig,
    ) -> ClassDraws:
        """Draw groups; see `bootstrap_intervals` for the arguments.

        Raises:
            MetricError: The table cannot be scored.
        """
        table = ScoreTable(targets, scores)
        drawn = [
            table.class_counts(weights).average_precision()
            for weights in draw_weights(groups, seed, config.n)
        ]
        value = table.class_counts().average_precision()
        return cls(value, np.reshape(drawn, (-1, len(value))), config)

    def minus(self, other: ClassDraws) -> ClassDraws:
        """Subtract the draws of another score table of the same rows, draw by draw."""
        return ClassDraws(self.value - other.value, self.draws - other.draws, self.config, -1.0)

    def interval(self, classes: Bools | int) -> Interval | None:
        """Take a class, or the mean of several, with its interval.

        Args:
            classes: Place of a class, or which classes, [n_classes].

        Returns:
            None where the rows have none of them.
        """
        chosen = np.atleast_1d(np.arange(len(self.value))[classes])
        value = _mean(self.value[chosen])
        if value is None:
            return None
        drawn = [_mean(draw[chosen]) for draw in self.draws]
        return interval_around(value, drawn, self.config, self.least)


def by_frequency(draws: ClassDraws, n_recordings: NDArray[Any]) -> list[dict[str, Any]]:
    """Take the mean average precision of classes that are about equally common.

    Args:
        draws: Average precision of each class.
        n_recordings: Recordings that the catalog has of each class, [n_classes].

    Returns:
        For each bin with a class that is scored: `fewest` and `most` recordings (None: no end),
        `n_classes` that are scored, and `value`, `low` and `high` of their mean.
    """
    scored = ~np.isnan(draws.value)
    found = []
    for fewest, above in pairwise([0, *EDGES, None]):
        inside = scored & (n_recordings >= fewest)
        if above is not None:
            inside &= n_recordings < above
        mean = draws.interval(inside)
        if mean is not None:
            most = None if above is None else above - 1
            counts: dict[str, Any] = {
                "fewest": fewest,
                "most": most,
                "n_classes": int(inside.sum()),
            }
            found.append(counts | mean.to_plain())
    return found


def _mean(values: Floats) -> float | None:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else None
