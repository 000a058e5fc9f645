"""The scores of several bundles for a window become one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Average = Literal["mean", "rank", "geometric", "min"]
"""How scores of several bundles become one."""

TINY = np.float32(1e-38)
"""Scores below count as this in a geometric mean: the logarithm of 0 is not finite."""

N_BINS = 8192
LOGITS = (-40.0, 20.0)
"""Ranks are counted in bins of logits over this range, 0.007 wide; scores below 4e-18 and above
1 - 2e-9 (closer to 1 than single precision comes) lie in the outermost ones."""


def average(scores: Floats, how: Average) -> Floats:
    """Average over members.

    Args:
        scores: 0 to 1, NaN where a member does not know a class or was not asked, shape
            [n_windows, n_members, n_classes]; for "rank" what `Ranks.of` gave.
        how: The mean, the geometric mean, or the least; "rank" is the mean too.

    Returns:
        Float32, shape [n_windows, n_classes]: over the members that have a score; NaN where none
        has. The scores of a single member come back to the bit.

    Example:
        >>> average(np.array([[[0.5], [0.125]]], dtype=np.float32), "geometric").tolist()
        [[0.25]]
    """
    if scores.shape[1] == 1:
        alone: Floats = scores[:, 0]
        return alone
    known = ~np.isnan(scores)
    if how == "min":
        least = np.where(known, scores, np.inf).min(axis=1)
        return np.asarray(np.where(known.any(axis=1), least, np.nan), dtype=np.float32)
    values = np.log(np.maximum(scores, TINY)) if how == "geometric" else scores
    total = np.where(known, values, 0.0).sum(axis=1, dtype=np.float64)
    n = known.sum(axis=1)
    mean = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
    return np.asarray(np.exp(mean) if how == "geometric" else mean, dtype=np.float32)


class Ranks:
    """Ranks of scores among all windows of a scan, in memory that does not grow with it.

    Each member's scores of each class are counted in narrow bins of their logit. A rank is the
    share of windows below, exact to the share that lies in the score's own bin; within a bin it
    rises with the score, so no two windows change their order.

    Args:
        n_members: Bundles.
        n_classes: Classes.
    """

    def __init__(self, n_members: int, n_classes: int) -> None:
        self._counts = np.zeros((n_members, n_classes, N_BINS), dtype=np.uint32)

    def add(self, scores: Floats) -> None:
        """Count scores, shape [n_windows, n_members, n_classes]; NaN is not counted."""
        window, member, species = np.nonzero(~np.isnan(scores))
        places, _ = _places(scores[window, member, species])
        np.add.at(self._counts, (member, species, places), 1)

    def of(self, scores: Floats) -> Floats:
        """Turn scores that were counted into ranks, 0 to 1, of the same shape; NaN stays."""
        ranks = np.full(scores.shape, np.nan, dtype=np.float32)
        for member, counts in enumerate(self._counts):
            for species, own in enumerate(counts):
                column = scores[:, member, species]
                known = ~np.isnan(column)
                places, within = _places(column[known])
                below = np.cumsum(own, dtype=np.int64) - own
                rank = (below[places] + within * own[places]) / max(1, int(own.sum()))
                ranks[known, member, species] = rank
        return ranks


def _places(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find each score's bin, and how far up in it the score lies, 0 to 1."""
    exact = np.clip(scores.astype(np.float64), 1e-300, 1.0 - 1e-16)
    low, high = LOGITS
    place = (np.log(exact) - np.log1p(-exact) - low) / (high - low) * N_BINS
    place = np.clip(place, 0.0, N_BINS - 1e-6)
    bins = place.astype(np.int64)
    return bins, place - bins
