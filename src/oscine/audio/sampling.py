"""The order in which an epoch goes through the recordings: pure functions of seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oscine.core import generator


def epoch_order(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Shuffle the recordings for an epoch.

    Args:
        n: How many recordings there are.
        seed: The recipe's seed.
        epoch: Which epoch, from 0.

    Returns:
        A permutation of 0 ... n - 1.

    Example:
        >>> sorted(epoch_order(4, seed=1, epoch=0).tolist())
        [0, 1, 2, 3]
    """
    return generator(seed, "order", epoch).permutation(n)


def weighted_order(
    weights: Sequence[float] | NDArray[np.float64], n_draws: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Draw recordings for an epoch with replacement, each in proportion to its weight.

    Args:
        weights: One weight a recording, not negative, with a sum above 0.
        n_draws: How many to draw.
        seed: The recipe's seed.
        epoch: Which epoch, from 0.

    Returns:
        Indices into `weights`, [n_draws]. A recording of weight 0 is never drawn.

    Raises:
        ValueError: The weights make no distribution.

    Example:
        >>> weighted_order([0.0, 2.0, 0.0], n_draws=3, seed=1, epoch=0)
        array([1, 1, 1])
    """
    share = np.asarray(weights, np.float64)
    if not len(share) or not np.isfinite(share).all() or share.min() < 0 or share.sum() <= 0:
        raise ValueError("weights must be finite, none below 0, and their sum above 0")
    edges = np.cumsum(share)
    draws = generator(seed, "weighted-order", epoch).uniform(0.0, edges[-1], n_draws)
    # side="right" steps over recordings of weight 0, whose edge equals the one before.
    drawn = np.searchsorted(edges, draws, side="right")
    last = int(np.flatnonzero(share)[-1])
    return np.minimum(drawn, last).astype(np.int64)
