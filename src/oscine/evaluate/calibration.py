"""Fitting what turns a class's scores into probabilities; scikit-learn, so only where one trains.

A class with many positives gets an isotonic map, one with enough a Platt map. A class with fewer
is drawn towards what all classes have in common: the decisions of all classes together join its
own rows, weighted so that positives add up to the minimum. A class without any positive so gets
the common map, lowered by what its own rows say.

Platt's targets are not 0 and 1 but what n rows can tell, (n + 1) / (n + 2); an isotonic map is
kept within the same bounds, so that no finite number of rows makes a certainty.

Source: Platt (1999); Zadrozny & Elkan (2002); Niculescu-Mizil & Caruana (2005), "Predicting good
probabilities with supervised learning" (isotonic needs the more rows of the two).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.evaluate.config import CalibrationConfig
from oscine.evaluate.ranking import Bools, Floats

SCORE_MARGIN = 1e-6
"""Scores nearer to 0 or 1 than this count as this near, as where the map is applied."""

MOST_GROUPS = 400
"""Groups of like scores that many decisions are summarised in before a line is fitted to them."""


@dataclass(frozen=True)
class FittedMap:
    """One class's map.

    Args:
        stored: Its numbers, as `bundle.json` has them.
        predict: Turns scores into probabilities, as scikit-learn does it.
    """

    stored: dict[str, Any]
    predict: Callable[[NDArray[Any]], Floats]


@dataclass(frozen=True, eq=False)
class Rows:
    """Decisions to fit on, all [n].

    Args:
        x: Logits of their scores.
        positive: Share of each that is positive: 0 or 1 for a single decision.
        weight: How many decisions each stands for.
    """

    x: Floats
    positive: Floats
    weight: Floats

    @property
    def n_positive(self) -> float:
        """Weight of the positives."""
        return float(self.weight @ self.positive)


def fit_maps(
    truth: Bools, scores: NDArray[Any], known: Bools, config: CalibrationConfig
) -> list[FittedMap | None]:
    """Fit a map for each class.

    Args:
        truth: [n_rows, n_classes].
        scores: 0 to 1, of the same shape.
        known: Where the truth is known, of the same shape; other decisions are left out.
        config: From how many positives on a class stands for itself.

    Returns:
        A map a class; None for all where there is no positive, or no negative, at all.
    """
    scores = np.asarray(scores, dtype=np.float64)
    pooled = _summarise(scores[known], truth[known])
    if not 0.0 < pooled.n_positive < pooled.weight.sum():
        return [None] * scores.shape[1]
    columns = zip(scores.T, truth.T, known.T, strict=True)
    return [_fit(score[there], hit[there], pooled, config) for score, hit, there in columns]


def _summarise(scores: Floats, truth: Bools) -> Rows:
    """Make rows of decisions; many become groups, which are finest where the positives are."""
    x = _logit(scores)
    if len(x) <= 2 * MOST_GROUPS:
        return Rows(x, truth.astype(np.float64), np.ones(len(x)))
    ends = np.linspace(0.0, 1.0, MOST_GROUPS // 2)
    edges = np.concatenate([np.quantile(part, ends) for part in (x, x[truth]) if len(part)])
    place = np.searchsorted(np.unique(edges), x)
    n = np.bincount(place).astype(np.float64)
    held = n > 0
    sums = (np.bincount(place, values)[held] for values in (x, truth))
    mean_x, positive = (total / n[held] for total in sums)
    return Rows(mean_x, positive, n[held])


def _fit(score: Floats, truth: Bools, pooled: Rows, config: CalibrationConfig) -> FittedMap:
    n_positive = int(truth.sum())
    n_negative = len(truth) - n_positive
    counts = {"n_positive": n_positive, "n_negative": n_negative}
    if min(n_positive, n_negative) >= config.isotonic_positives:
        return _isotonic(score, truth, counts)
    own = _summarise(score, truth)
    missing = max(0, config.min_positives - n_positive)
    if not missing and n_negative:
        return _platt(own, counts)
    weight = pooled.weight * max(missing, 1) / pooled.n_positive
    joined = Rows(
        np.concatenate([own.x, pooled.x]),
        np.concatenate([own.positive, pooled.positive]),
        np.concatenate([own.weight, weight]),
    )
    return _platt(joined, counts)


def _isotonic(score: Floats, truth: Bools, counts: dict[str, int]) -> FittedMap:
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(
        y_min=1.0 / (counts["n_negative"] + 2.0),
        y_max=(counts["n_positive"] + 1.0) / (counts["n_positive"] + 2.0),
        out_of_bounds="clip",
    ).fit(score, truth.astype(np.float64))
    knots = {
        "scores": model.X_thresholds_.tolist(),
        # Equal neighbours may differ in their last bit.
        "probabilities": np.maximum.accumulate(model.y_thresholds_).tolist(),
    }
    return FittedMap({"method": "isotonic", **knots, **counts}, model.predict)


def _platt(rows: Rows, counts: dict[str, int]) -> FittedMap:
    from sklearn.linear_model import LogisticRegression

    right, all_rows = rows.n_positive, float(rows.weight.sum())
    high, low = (right + 1.0) / (right + 2.0), 1.0 / (all_rows - right + 2.0)
    target = low + (high - low) * rows.positive
    x = rows.x[:, None]
    # Nearly no penalty: enough that scores that are all equal have one best line.
    model = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-8)
    model.fit(
        np.concatenate([x, x]),
        np.repeat([1, 0], len(x)),
        sample_weight=np.concatenate([rows.weight * target, rows.weight * (1.0 - target)]),
    )
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope <= 0.0:
        # Scores that are worse than none tell nothing: what is left is how common the class is.
        share = float(rows.weight @ target) / all_rows
        slope, intercept = 0.0, float(np.log(share) - np.log1p(-share))

    def predict(scores: NDArray[Any]) -> Floats:
        from scipy.special import expit

        return np.asarray(expit(slope * _logit(scores) + intercept))

    stored = {"method": "platt", "slope": slope, "intercept": intercept}
    return FittedMap({**stored, **counts}, predict)


def _logit(scores: NDArray[Any]) -> Floats:
    from scipy.special import logit

    inner = np.clip(np.asarray(scores, dtype=np.float64), SCORE_MARGIN, 1.0 - SCORE_MARGIN)
    return np.asarray(logit(inner))
