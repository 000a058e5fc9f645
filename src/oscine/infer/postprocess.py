"""From raw scores to smoothed scores, and from scores to detections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import name_of
from oscine.model.bundle import SpeciesInfo

Floats = NDArray[np.float32]


def smooth(scores: Floats, weights: Sequence[float]) -> Floats:
    """Average each window's scores with its neighbours'.

    Args:
        scores: Scores of consecutive windows of one recording, shape [n_windows, n_classes].
        weights: Odd in number, the middle one for the window itself; none: nothing is done.

    Returns:
        Weighted means, float32, of the same shape. At the ends only the neighbours that exist
        count, so a constant stays what it is.

    Source: reference.md; the weights [.1 .2 .4 .2 .1] gave later winners about +.01 AUC.

    Example:
        >>> smooth(np.array([[1.0], [0.0], [0.0]], dtype=np.float32), [1, 2, 1])[1].tolist()
        [0.25]
    """
    if not len(weights):
        return scores
    n, reach = len(scores), len(weights) // 2
    total = np.zeros(scores.shape, dtype=np.float64)
    weight_sum = np.zeros((n, 1), dtype=np.float64)
    for shift, weight in zip(range(-reach, reach + 1), weights, strict=True):
        here = slice(max(0, -shift), max(0, min(n, n - shift)))
        there = slice(max(0, shift), max(0, min(n, n + shift)))
        total[here] += weight * scores[there]
        weight_sum[here] += weight
    return (total / weight_sum).astype(np.float32)


def detect(scores: pl.DataFrame, species: Sequence[SpeciesInfo], threshold: float) -> pl.DataFrame:
    """List the scores that reach a threshold.

    Args:
        scores: As `scores.parquet`: filepath, start_s, end_s, one column a species code.
        species: The classes.
        threshold: The least score of a detection, 0 to 1.

    Returns:
        One row a detection, columns as `DETECTIONS`, by window and then falling score.
    """
    codes = [one.species_code for one in species]
    matrix = scores.select(codes).to_numpy()
    windows, classes = np.nonzero(matrix >= threshold)
    order = np.lexsort((-matrix[windows, classes], windows))
    windows, classes = windows[order], classes[order]
    where = scores.select("filepath", "start_s", "end_s")[windows.astype(np.uint32)]
    return where.select(
        pl.col("filepath"),
        pl.Series("filename", [name_of(path) for path in where["filepath"]], dtype=pl.String),
        pl.col("start_s"),
        pl.col("end_s"),
        *(
            pl.Series(
                name, [getattr(species[index], name) for index in classes.tolist()], dtype=pl.String
            )
            for name in ("species_code", "scientific_name", "common_name")
        ),
        pl.Series("score", matrix[windows, classes], dtype=pl.Float32),
    )
