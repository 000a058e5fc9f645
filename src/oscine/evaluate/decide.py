"""Thresholds and calibration of a score table, and what they give on rows that did not choose them.

A threshold that was chosen on the rows that it is reported on looks better than it is. So the rows
are dealt into parts; what each part is told was learned from the other parts alone. What is stored
is learned from all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.evaluate.calibration import FittedMap, fit_maps
from oscine.evaluate.config import CalibrationConfig
from oscine.evaluate.curves import Reliability, reliability_of
from oscine.evaluate.ranking import Bools, Floats, ratio
from oscine.evaluate.thresholds import Thresholds, best_f1_thresholds, precision_thresholds

PARTS = 5
"""Parts that groups are dealt into."""


@dataclass(frozen=True, eq=False)
class CrossFit:
    """What decisions come to on rows that had no part in making them; all [n_classes] but the last.

    Args:
        n_parts: Parts of the rows.
        n_right: Detections that are right.
        n_detected: Detections.
        n_positive: Positives among the rows that had a threshold.
        reliability: Of the probabilities.
    """

    n_parts: int
    n_right: NDArray[np.int64]
    n_detected: NDArray[np.int64]
    n_positive: NDArray[np.int64]
    reliability: Reliability

    @property
    def precision(self) -> Floats:
        """Share of the detections that is right; NaN without any."""
        return ratio(self.n_right.astype(float), self.n_detected.astype(float), empty=np.nan)

    @property
    def recall(self) -> Floats:
        """Share of the positives that is detected; NaN without any."""
        return ratio(self.n_right.astype(float), self.n_positive.astype(float), empty=np.nan)


@dataclass(frozen=True, eq=False)
class Decided:
    """Thresholds and calibration of each class.

    Args:
        thresholds: NaN for a class with too few positives, or whose precision cannot be kept.
        maps: None where nothing could be fitted.
        n_positive: Positives of each class, [n_classes].
        before: Reliability of the scores as they are.
        crossed: What comes of it on other rows; None: there is only one group.
    """

    thresholds: Thresholds
    maps: list[FittedMap | None]
    n_positive: NDArray[np.int64]
    before: Reliability
    crossed: CrossFit | None


def decide(
    truth: NDArray[Any],
    scores: NDArray[Any],
    known: Bools,
    parts: NDArray[np.int64],
    config: CalibrationConfig,
) -> Decided:
    """Choose thresholds and fit calibration, and try both on rows that did not choose them.

    Args:
        truth: 0 or 1, [n_rows, n_classes].
        scores: 0 to 1, of the same shape.
        known: Where the truth is known, of the same shape; other decisions are left out.
        parts: The part of each row, [n_rows], as `deal` gives it; one part: nothing is tried.
        config: What is asked for.

    Returns:
        What was chosen on all rows, and what it gives.

    Raises:
        MetricError: The table cannot be scored.
    """
    hits, scores = np.asarray(truth).astype(bool) & known, np.asarray(scores, dtype=np.float64)
    maps = fit_maps(hits, scores, known, config)
    return Decided(
        thresholds=choose(hits, scores, known, maps, config),
        maps=maps,
        n_positive=hits.sum(axis=0),
        before=reliability_of(hits[known], scores[known]),
        crossed=_cross(hits, scores, known, parts, config)
        if len(set(parts.tolist())) > 1
        else None,
    )


def deal(groups: Sequence[Any]) -> NDArray[np.int64]:
    """Deal groups into at most `PARTS` parts of like size, none of them parted.

    Args:
        groups: What each row belongs to, [n_rows].

    Returns:
        The part of each row, [n_rows]; all 0 where there is but one group.
    """
    from sklearn.model_selection import GroupKFold

    _, member = np.unique(np.array([str(group) for group in groups]), return_inverse=True)
    parts = np.zeros(len(member), dtype=np.int64)
    n_parts = min(PARTS, int(member.max(initial=-1)) + 1)
    if n_parts > 1:
        for part, (_, rows) in enumerate(GroupKFold(n_parts).split(member, groups=member)):
            parts[rows] = part
    return parts


def choose(
    truth: Bools,
    scores: Floats,
    known: Bools,
    maps: Sequence[FittedMap | None],
    config: CalibrationConfig,
) -> Thresholds:
    """Choose the threshold of each class with enough positives.

    A precision must be kept as it is counted and as the calibration expects it. See `decide` for
    the arguments.
    """
    # A decision that is not known becomes a negative at 0: no threshold above 0 is moved by it.
    told = np.where(known, scores, 0.0)
    found = (
        best_f1_thresholds(truth, told)
        if config.precision is None
        else precision_thresholds(truth, told, config.precision, calibrated(told, maps))
    )
    enough = truth.sum(axis=0) >= config.min_positives
    columns = (found.threshold, found.precision, found.recall)
    return Thresholds(*(np.where(enough, column, np.nan) for column in columns))


def calibrated(scores: Floats, maps: Sequence[FittedMap | None]) -> Floats:
    """Turn scores into probabilities; a class without a map keeps its scores."""
    columns = zip(scores.T, maps, strict=True)
    return np.stack([s if one is None else one.predict(s) for s, one in columns], axis=1)


def _cross(
    truth: Bools, scores: Floats, known: Bools, parts: NDArray[np.int64], config: CalibrationConfig
) -> CrossFit:
    probabilities = np.empty(scores.shape)
    counts = np.zeros((3, scores.shape[1]), dtype=np.int64)
    numbers = sorted(set(parts.tolist()))
    for number in numbers:
        here, there = parts == number, parts != number
        maps = fit_maps(truth[there], scores[there], known[there], config)
        threshold = choose(truth[there], scores[there], known[there], maps, config).threshold
        has_own = ~np.isnan(threshold)
        passed = known[here] & (scores[here] >= np.where(has_own, threshold, np.inf))
        hits = truth[here] & has_own
        counts += np.stack([(passed & hits).sum(0), passed.sum(0), hits.sum(0)])
        probabilities[here] = calibrated(scores[here], maps)
    reliability = reliability_of(truth[known], probabilities[known])
    return CrossFit(len(numbers), counts[0], counts[1], counts[2], reliability)
