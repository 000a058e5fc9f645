"""From one plane of numbers to the image that a backbone wants: its channels and its size.

Both are products with small matrices, so that the two twins of the front end share them.

Source: Furui (1986) for the time derivatives, with `librosa.feature.delta` (width 9, edges
repeated) as the oracle; `torch.nn.functional.interpolate` (bilinear, antialiased) for the size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DELTA_REACH = 4
"""Frames on either side that a time derivative is fitted to."""


def delta_matrix(n_frames: int) -> Floats:
    """Compute the least-squares slope over frames as a matrix.

    Args:
        n_frames: Frames of the image.

    Returns:
        Weights of frame u in the slope at frame t, float32, shape [n_frames, n_frames]; beyond the
        edges the first and the last frame are repeated.

    Example:
        >>> slope = np.arange(12.0) @ delta_matrix(12)
        >>> round(float(slope[6]), 6)
        1.0
    """
    weights = np.zeros((n_frames, n_frames))
    scale = 2.0 * sum(step**2 for step in range(1, DELTA_REACH + 1))
    at = np.arange(n_frames)
    for step in range(1, DELTA_REACH + 1):
        np.add.at(weights, (np.minimum(at + step, n_frames - 1), at), step / scale)
        np.add.at(weights, (np.maximum(at - step, 0), at), -step / scale)
    return weights.astype(np.float32)


def resize_matrix(n_in: int, n_out: int) -> Floats:
    """Compute linear interpolation along one axis as a matrix, antialiased where it shrinks.

    Args:
        n_in: Length of the axis.
        n_out: Its new length.

    Returns:
        Weights of each old place in each new one, float32, shape [n_in, n_out]; each column's sum
        is 1.

    Example:
        >>> resize_matrix(2, 4).T.tolist()
        [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    ratio = n_in / n_out
    reach = max(ratio, 1.0)
    centre = (np.arange(n_out) + 0.5) * ratio
    distance = np.abs(np.arange(n_in)[:, None] + 0.5 - centre[None, :]) / reach
    weights = np.maximum(0.0, 1.0 - distance)
    shares: Floats = (weights / weights.sum(axis=0)).astype(np.float32)
    return shares
