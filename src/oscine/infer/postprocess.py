"""From raw scores to smoothed and scaled scores of rows, and to detections and events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import name_of
from oscine.infer.tables import DETECTIONS
from oscine.model.bundle import SpeciesInfo

Floats = NDArray[np.float32]


def overlap_weights(
    start_s: NDArray[np.float64], end_s: NDArray[np.float64], row_s: float, n_rows: int
) -> NDArray[np.float64]:
    """Weigh windows by how long they lie over each row of a grid.

    Args:
        start_s: Starts of the windows, s, shape [n_windows].
        end_s: Their ends, s, of the same shape.
        row_s: Length of a row, s.
        n_rows: Rows, from the start of the recording.

    Returns:
        Weights that sum to one over the windows, shape [n_rows, n_windows]. A row that no window
        lies over, between windows with gaps, takes the nearest one.

    Example:
        >>> overlap_weights(np.array([0.0]), np.array([10.0]), row_s=5.0, n_rows=2).tolist()
        [[1.0], [1.0]]
    """
    row_start = row_s * np.arange(n_rows, dtype=np.float64)[:, None]
    shared = np.minimum(end_s, row_start + row_s) - np.maximum(start_s, row_start)
    weights = np.maximum(shared, 0.0)
    bare = np.flatnonzero(weights.sum(axis=1) == 0.0)
    weights[bare, shared[bare].argmax(axis=1)] = 1.0
    normalised: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def row_spans(end_s: float, row_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lay rows over a recording.

    Args:
        end_s: Where its last window ends, s.
        row_s: Length of a row, s.

    Returns:
        Starts and ends, s; the last row ends with the recording.

    Example:
        >>> row_spans(12.0, 5.0)[1].tolist()
        [5.0, 10.0, 12.0]
    """
    # A nanosecond of tolerance, so that 60 s hold twelve rows of 5 s in binary arithmetic too.
    starts = np.arange(max(1, math.ceil(end_s / row_s - 1e-9)), dtype=np.float64) * row_s
    return starts, np.minimum(starts + row_s, end_s)


def scale_by_file(scores: Floats, statistic: Literal["none", "mean", "max"]) -> Floats:
    """Multiply each score by what its class reaches in the whole recording.

    s'(row, class) = s(row, class) * m(class), where m is the mean or the highest of s(., class)
    over the rows of the recording. Within a recording no class changes its order; among
    recordings, rows of one in which the class is heard well are raised over lone ones.

    Args:
        scores: Scores of one recording, 0 to 1, shape [n_rows, n_classes].
        statistic: What is multiplied by; "none": nothing.

    Returns:
        Float32, 0 to 1, of the same shape.

    Source: post-processing of BirdCLEF+ 2025's second place (Sydorskyi and Goncalves, CLEF 2025
    working notes, CEUR-WS 4038): rows times the mean of a recording's highest scores; with one of
    them it is "max", with all of them "mean".

    Example:
        >>> scale_by_file(np.array([[0.5], [0.25]], dtype=np.float32), "max").tolist()
        [[0.25], [0.125]]
    """
    if statistic == "none" or not len(scores):
        return scores
    reached = scores.max(axis=0) if statistic == "max" else scores.mean(axis=0, dtype=np.float64)
    scaled: Floats = np.multiply(scores, reached).astype(np.float32)
    return scaled


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
    total /= weight_sum  # in place: of a day of audio this is the largest array
    return total.astype(np.float32)


def detect(
    scores: pl.DataFrame,
    species: Sequence[SpeciesInfo],
    detected: NDArray[np.bool_],
    began: datetime | None = None,
) -> pl.DataFrame:
    """List the scores that are detections.

    Args:
        scores: As `scores.parquet`: filepath, start_s, end_s, one column a species code.
        species: The classes.
        detected: Which scores are, shape [n_rows, n_classes].
        began: When the recording began, by its recorder's clock; None: nobody knows.

    Returns:
        One row a detection, columns as `DETECTIONS`, by row and then falling score.
    """
    codes = [one.species_code for one in species]
    matrix = scores.select(codes).to_numpy()
    windows, classes = np.nonzero(detected)
    order = np.lexsort((-matrix[windows, classes], windows))
    windows, classes = windows[order], classes[order]
    where = scores.select("filepath", "start_s", "end_s")[windows.astype(np.uint32)]
    return where.select(
        pl.col("filepath"),
        pl.Series("filename", [name_of(path) for path in where["filepath"]], dtype=pl.String),
        pl.col("start_s"),
        pl.col("end_s"),
        (pl.lit(began, pl.Datetime("ms")) + _duration("start_s")).alias("recorded_at"),
        *(
            pl.Series(
                name, [getattr(species[index], name) for index in classes.tolist()], dtype=pl.String
            )
            for name in ("species_code", "scientific_name", "common_name")
        ),
        pl.Series("score", matrix[windows, classes], dtype=pl.Float32),
    )


def _duration(column: str) -> pl.Expr:
    """Turn seconds into a duration of whole milliseconds."""
    return pl.duration(milliseconds=(pl.col(column) * 1000).cast(pl.Int64), time_unit="ms")


def merge_events(detections: pl.DataFrame, gap_s: float, min_s: float = 0.0) -> pl.DataFrame:
    """Join neighbouring detections of a species to events.

    Args:
        detections: As `detect` gives them, of one recording or several.
        gap_s: The most time between two detections of one event, s; overlapping ones are none
            apart.
        min_s: The least length of an event, s.

    Returns:
        One row an event, columns as `DETECTIONS`, by recording and start: from the start of its
        first detection to the end of its last, with the highest score among them.
    """
    key = ["filepath", "species_code"]
    # A microsecond of tolerance: window times are multiples of the hop only to rounding.
    apart = pl.col("start_s") > pl.col("end_s").cum_max().shift(1).over(key) + gap_s + 1e-6
    ordered = detections.with_row_index("place").sort(*key, "start_s", maintain_order=True)
    return (
        ordered.with_columns(apart.fill_null(value=True).cum_sum().over(key).alias("event"))
        .group_by(*key, "event", maintain_order=True)
        .agg(
            pl.col("filename", "scientific_name", "common_name").first(),
            pl.col("start_s", "recorded_at").min(),
            pl.col("end_s", "score").max(),
            pl.col("place").min(),
        )
        .filter(pl.col("end_s") - pl.col("start_s") >= min_s - 1e-6)
        .sort("place")
        .select(list(DETECTIONS))
    )
