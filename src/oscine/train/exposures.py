"""Which species a fit really heard: clips of each class by epoch, and how different they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog import ClassList, key_values
from oscine.train.targets import Targets

EXPOSURES = {
    "epoch": pl.Int64,
    "species_code": pl.String,
    "n": pl.Float64,
    "recordings": pl.Int64,
    "recordists": pl.Int64,
}
"""Columns of the table."""

LEAST = 3
"""Species that the log names."""


class Sources(NamedTuple):
    """The different recordings, or recordists, of each class.

    Args:
        row: Rows of the table, one for each class that a row is heard for.
        source: The source that this is for that class, numbered from 0.
        place: The class of each source.
    """

    row: NDArray[np.int64]
    source: NDArray[np.int64]
    place: NDArray[np.int64]


def count_exposures(
    table: pl.DataFrame,
    targets: Targets,
    classes: ClassList,
    order: Callable[[int], NDArray[np.int64]],
    n_epochs: int,
) -> pl.DataFrame:
    """Count what each epoch of a fit heard of each class.

    A clip counts as much as its target, so secondary labels count as much as in the loss.

    Args:
        table: The training part.
        targets: [rows, classes].
        classes: The class list.
        order: Tells the rows of an epoch.
        n_epochs: How many epochs were heard.

    Returns:
        One row an epoch and class: epoch, species_code, n (clips), and how many different
        recordings and recordists were heard so far, this epoch included.
    """
    row, place, value = targets.entries()
    sources = {
        "recordings": _sources(key_values(table, "recording"), row, place),
        "recordists": _sources(key_values(table, "recordist"), row, place),
    }
    heard = np.zeros(len(table), dtype=bool)
    found = [pl.DataFrame(schema=EXPOSURES)]
    for epoch in range(n_epochs):
        times = np.bincount(order(epoch), minlength=len(table))
        heard |= times > 0
        columns = {
            "epoch": np.full(len(classes), epoch),
            "species_code": list(classes.codes),
            "n": np.bincount(place, times[row] * value, len(classes)),
            **{name: _different(each, heard, len(classes)) for name, each in sources.items()},
        }
        found.append(pl.DataFrame(columns, schema=EXPOSURES))
    return pl.concat(found)


def _sources(values: pl.Series, row: NDArray[np.int64], place: NDArray[np.int64]) -> Sources:
    """Number the sources of each class; a row that does not state its own has none."""
    number = values.rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
    stated = number[row] >= 0
    row, place = row[stated], place[stated]
    width = len(values) + 1
    pairs, source = np.unique(place * width + number[row], return_inverse=True)
    return Sources(row, source, pairs // width)


def _different(sources: Sources, heard: NDArray[np.bool_], n_classes: int) -> NDArray[np.int64]:
    """Count the sources of each class of which any row was heard."""
    known = np.unique(sources.source[heard[sources.row]])
    return np.bincount(sources.place[known], minlength=n_classes)


def least_heard(table: pl.DataFrame) -> str:
    """Say in a line how often classes were heard, and which were heard least.

    Args:
        table: As `count_exposures` gives it, of one epoch or more.

    Example:
        >>> rows = {"epoch": [0, 0], "species_code": ["a", "b"], "n": [9.0, 2.0]}
        >>> table = pl.DataFrame(rows | {"recordings": [5, 1], "recordists": [4, 1]})
        >>> least_heard(table).split("; ")[1]
        'least (clips/recordings/recordists): b 2/1/1, a 9/5/4'
    """
    different = pl.col("recordings", "recordists").sort_by("epoch").last()
    counts = table.group_by("species_code").agg(pl.col("n").mean(), different)
    counts = counts.sort("n", "species_code")
    low, high = counts["n"][0], counts["n"][-1]
    named = [
        f"{code} {n:.3g}/{recordings}/{recordists}"
        for code, n, recordings, recordists in counts.head(LEAST).iter_rows()
    ]
    return (
        f"an epoch heard {low:.3g} to {high:.3g} clips of a class; "
        f"least (clips/recordings/recordists): {', '.join(named)}"
    )
