"""The long tail: resampling of the training part, and sampling weights that duplicate nothing.

Source: the reference recipe's `upsample` and `downsample`; weights n^-0.5 from later winners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import LeakError, generator


@dataclass(frozen=True)
class TrainingPart:
    """The rows of a split that are fitted: the only ones that may be resampled.

    Args:
        table: Recordings; after `upsample` some stand several times.
        held_out: The recording_ids of the validation part; none may be in the table.
    """

    table: pl.DataFrame
    held_out: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        inside = self.table["recording_id"].is_in(list(self.held_out))
        if inside.any():
            raise LeakError(
                f"{inside.sum()} validation rows are in the training part",
                where=self.table["recording_id"].filter(inside)[0],
            )


def upsample(part: TrainingPart, threshold: int, seed: int) -> TrainingPart:
    """Fill classes of n < threshold rows up to it, by rows drawn with replacement.

    Args:
        part: The training part.
        threshold: Rows that a class has at least, afterwards.
        seed: The draws depend on this and on the class only.

    Returns:
        The rows as given, then the drawn ones by class.

    Raises:
        TypeError: `part` is no TrainingPart.
    """
    _refuse_others(part)
    drawn = [part.table]
    for label, rows in _classes(part.table):
        if len(rows) < threshold:
            random = generator(seed, f"upsample/{label}")
            places = random.integers(0, len(rows), size=threshold - len(rows))
            drawn.append(rows[places.tolist()])
    return replace(part, table=pl.concat(drawn))


def downsample(part: TrainingPart, threshold: int, seed: int) -> TrainingPart:
    """Cut classes of n > threshold rows down to it, by rows drawn without replacement.

    Args:
        part: The training part.
        threshold: Rows that a class has at most, afterwards.
        seed: The draws depend on this and on the class only.

    Returns:
        The rows that stay, in the order given.

    Raises:
        TypeError: `part` is no TrainingPart.
    """
    _refuse_others(part)
    numbered = part.table.with_row_index("__place")
    kept = []
    for label, rows in _classes(numbered):
        places = rows["__place"].to_numpy()
        if len(rows) > threshold:
            random = generator(seed, f"downsample/{label}")
            places = random.choice(places, size=threshold, replace=False)
        kept.append(places)
    order = np.sort(np.concatenate(kept)) if kept else np.empty(0, dtype=np.uint32)
    return replace(part, table=part.table[order.tolist()])


def resampled_counts(
    counts: Sequence[int] | NDArray[np.int64], upsampled_to: int | None, downsampled_to: int | None
) -> NDArray[np.int64]:
    """Count what `upsample` and then `downsample` leave of each class, without drawing.

    Args:
        counts: Rows of each class.
        upsampled_to: The threshold of `upsample`; None: not done.
        downsampled_to: The threshold of `downsample`; None: not done.

    Returns:
        Rows of each class afterwards.

    Example:
        >>> resampled_counts([3, 70, 900], 50, 500).tolist()
        [50, 70, 500]
    """
    result = np.asarray(counts, dtype=np.int64)
    if upsampled_to is not None:
        result = np.maximum(result, upsampled_to)
    return result if downsampled_to is None else np.minimum(result, downsampled_to)


def _classes(table: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Group rows by class; the order of the table does not show."""
    ordered = table.sort("primary_label", "recording_id")
    parts = ordered.partition_by("primary_label", maintain_order=True, as_dict=True)
    return [(str(key[0]), rows) for key, rows in parts.items()]


def _refuse_others(part: object) -> None:
    if not isinstance(part, TrainingPart):
        raise TypeError(f"only a TrainingPart is resampled, not a {type(part).__name__}")


def inverse_power_weights(
    labels: pl.Series | Sequence[str], power: float = 0.5
) -> NDArray[np.float64]:
    """Weigh rows for sampling by n ** -power, n being the rows of their class.

    Args:
        labels: Class of each row.
        power: 0 takes rows as they are; 1 draws every class equally often.

    Returns:
        One weight a row; they sum to one.

    Example:
        >>> inverse_power_weights(["a", "a", "a", "a", "b"]).round(4).tolist()
        [0.1667, 0.1667, 0.1667, 0.1667, 0.3333]
    """
    column = pl.Series("label", labels, dtype=pl.String).to_frame()
    counts = column.select(pl.len().over("label")).to_series().to_numpy()
    weights = np.power(counts.astype(np.float64), -power)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
