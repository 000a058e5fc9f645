"""From raw scores to smoothed and scaled scores of rows, and to detections and events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.infer.tables import FOUND, Found, Rows

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def row_means(
    start_s: Doubles, end_s: Doubles, scores: Floats, row_start_s: Doubles, row_s: float
) -> Floats:
    """Average windows over rows, each weighted by how long it lies over the row.

    Args:
        start_s: Starts of the windows, s, rising, shape [n_windows].
        end_s: Their ends, s, of the same shape and never falling.
        scores: Shape [n_windows, n_classes], one window at least.
        row_start_s: Starts of the rows, s, shape [n_rows].
        row_s: Length of a row, s.

    Returns:
        Float32, shape [n_rows, n_classes]. A row that no window lies over, between windows with
        gaps, takes the nearest one. No row depends on which others are asked for.

    Example:
        >>> one = np.array([0.0]), np.array([10.0]), np.array([[0.5]], dtype=np.float32)
        >>> row_means(*one, row_start_s=np.array([0.0, 5.0]), row_s=5.0).tolist()
        [[0.5], [0.5]]
    """
    row_end_s = row_start_s + row_s
    first, last = windows_over(start_s, end_s, row_start_s, row_s)
    total = np.zeros((len(row_start_s), scores.shape[1]))
    lengths_s = np.zeros((len(row_start_s), 1))
    # Window by window of each row: the order of the additions is that of the windows.
    for step in range(int((last - first).max(initial=0))):
        here = np.flatnonzero(first + step < last)
        window = first[here] + step
        shared_s = np.minimum(end_s[window], row_end_s[here])
        shared_s -= np.maximum(start_s[window], row_start_s[here])
        total[here] += shared_s[:, None] * scores[window]
        lengths_s[here] += shared_s[:, None]
    bare = np.flatnonzero(first >= last)
    behind = np.minimum(first[bare], len(scores) - 1)
    before = np.maximum(first[bare] - 1, 0)
    from_before_s, to_behind_s = (
        row_start_s[bare] - end_s[before],
        start_s[behind] - row_end_s[bare],
    )
    is_last = first[bare] == len(scores)
    takes_before = (first[bare] > 0) & (is_last | (from_before_s <= to_behind_s))
    total[bare] = scores[np.where(takes_before, before, behind)]
    lengths_s[bare] = 1.0
    total /= lengths_s
    return total.astype(np.float32)


def windows_over(
    start_s: Doubles, end_s: Doubles, row_start_s: Doubles, row_s: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the windows that lie over each row.

    Returns:
        Place of the first, and one past the last, each of shape [n_rows]; not after one another
        where there is none, and then the row lies before the first of them.

    Example:
        >>> every = np.arange(4.0)
        >>> [at.tolist() for at in windows_over(every, every + 1, np.array([1.5]), row_s=1.0)]
        [[1], [3]]
    """
    first = np.searchsorted(end_s, row_start_s, "right")
    return first, np.searchsorted(start_s, row_start_s + row_s, "left")


def row_spans(end_s: float, row_s: float) -> tuple[Doubles, Doubles]:
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


def reached(blocks: Iterable[Floats], statistic: Literal["mean", "max"]) -> NDArray[Any]:
    """Find what each class reaches in a recording, for `scale_by_file`.

    Args:
        blocks: Scores of the recording, 0 to 1, shape [n_rows, n_classes], one row at least.
        statistic: Their mean or the highest of them.

    Returns:
        Shape [n_classes]; to the bit the same however the rows are divided into blocks.
    """
    if statistic == "max":
        return np.asarray(np.max([block.max(axis=0) for block in blocks], axis=0))
    n, total = 0, np.zeros(1)
    for block in blocks:
        n += len(block)
        rows = block.astype(np.float64)
        rows[0] += total
        total = np.cumsum(rows, axis=0)[-1]  # row by row, where a sum is free to pair rows
    return total / n


def scale_by_file(scores: Floats, reached: NDArray[Any]) -> Floats:
    """Multiply each score by what its class reaches in the whole recording.

    s'(row, class) = s(row, class) * m(class), where m is the mean or the highest of s(., class)
    over the rows of the recording. Within a recording no class changes its order; among
    recordings, rows of one in which the class is heard well are raised over lone ones.

    Args:
        scores: Scores of one recording, 0 to 1, shape [n_rows, n_classes].
        reached: What is multiplied by, shape [n_classes].

    Returns:
        Float32, 0 to 1, of the same shape.

    Source: post-processing of BirdCLEF+ 2025's second place (Sydorskyi and Goncalves, CLEF 2025
    working notes, CEUR-WS 4038): rows times the mean of a recording's highest scores; with one of
    them it is "max", with all of them "mean".

    Example:
        >>> scores = np.array([[0.5], [0.25]], dtype=np.float32)
        >>> scale_by_file(scores, reached([scores], "max")).tolist()
        [[0.25], [0.125]]
    """
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


def detect(rows: Rows, detected: NDArray[np.bool_], began: datetime | None = None) -> Found:
    """List the scores that are detections.

    Args:
        rows: Scores of a recording, or of a stretch of it.
        detected: Which of them are, shape [n_rows, n_classes].
        began: When the recording began, by its recorder's clock; None: nobody knows.

    Returns:
        Detections, by row and then falling score.
    """
    row, column = np.nonzero(detected)
    score = rows.scores[row, column]
    order = np.lexsort((-score, row))
    row, column = row[order], column[order]
    found = np.empty(len(row), dtype=FOUND)
    found["start_s"], found["end_s"] = rows.start_s[row], rows.end_s[row]
    found["recorded_at"] = np.datetime64(began or "NaT", "ms")
    found["recorded_at"] += (found["start_s"] * 1000).astype("timedelta64[ms]")
    found["species"], found["score"] = column, score[order]
    return found


def merge_events(found: Found, gap_s: float, min_s: float = 0.0) -> Found:
    """Join neighbouring detections of a species to events.

    Args:
        found: Detections of one recording, by row.
        gap_s: The most time between two detections of one event, s; overlapping ones are none
            apart.
        min_s: The least length of an event, s.

    Returns:
        Events, by start: from the start of its first detection to the end of its last, with the
        highest score among them.
    """
    # A microsecond of tolerance: window times are multiples of the hop only to rounding.
    begins = (pl.col("start_s") > pl.col("reached_s") + gap_s + 1e-6).fill_null(value=True)
    events = (
        pl.DataFrame({name: found[name] for name in FOUND.names or ()})
        .with_row_index("place")
        .sort("species", "start_s", maintain_order=True)
        .with_columns(pl.col("end_s").cum_max().shift(1).over("species").alias("reached_s"))
        .with_columns(begins.cum_sum().over("species").alias("event"))
        .group_by("species", "event", maintain_order=True)
        .agg(pl.col("start_s", "recorded_at", "place").min(), pl.col("end_s", "score").max())
        .filter(pl.col("end_s") - pl.col("start_s") >= min_s - 1e-6)
        .sort("place")
    )
    merged = np.empty(len(events), dtype=FOUND)
    for name in FOUND.names or ():
        merged[name] = events[name].to_numpy()
    return merged
