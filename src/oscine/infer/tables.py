"""The tables that a scan leaves: their columns, and making them from scores."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.tables import Column
from oscine.core import Location, is_remote
from oscine.model.bundle import SpeciesInfo

SCORES: Mapping[str, Column] = {
    "filepath": Column(pl.String, "path or URL of the recording, as given", required=True),
    "start_s": Column(pl.Float64, "start of the window, s", required=True, low=0.0),
    "end_s": Column(pl.Float64, "end of the window or of the recording, s", required=True, low=0.0),
}
"""The scores table's first columns; one Float32 column for each species code follows."""

DETECTIONS: Mapping[str, Column] = {
    "filepath": Column(pl.String, "path or URL of the recording, as given", required=True),
    "filename": Column(pl.String, "base name of the recording", required=True),
    "start_s": Column(pl.Float64, "start of the window or event, s", required=True, low=0.0),
    "end_s": Column(pl.Float64, "end of it, or of the recording, s", required=True, low=0.0),
    "recorded_at": Column(
        pl.Datetime("ms"), "when it starts, by the recorder's clock; null: no name or comment tells"
    ),
    "species_code": Column(pl.String, "species code", required=True),
    "scientific_name": Column(pl.String, "genus and species", required=True),
    "common_name": Column(pl.String, "English name", required=True),
    "score": Column(pl.Float32, "score, 0 to 1", required=True, low=0.0, high=1.0),
}
"""The detections table: one row a score at or above the threshold, or an event of several."""


def path_text(path: Location) -> str:
    """Write a path or URL as text; bytes in it that are no UTF-8 become question marks.

    Example:
        >>> from pathlib import Path
        >>> path_text(Path("a/b.ogg"))
        'a/b.ogg'
    """
    return str(path) if is_remote(path) else os.fsencode(path).decode("utf-8", "replace")


def scores_schema(species: Sequence[SpeciesInfo]) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Give the columns and types of a scores table."""
    head = {name: column.dtype for name, column in SCORES.items()}
    return head | {one.species_code: pl.Float32 for one in species}


def scores_table(
    path: Location,
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    scores: NDArray[np.float32],
    species: Sequence[SpeciesInfo],
) -> pl.DataFrame:
    """Make the scores table of one recording.

    Args:
        path: The recording.
        start_s: Starts of its windows, s, shape [n_windows].
        end_s: Ends of its windows, s, of the same shape.
        scores: 0 to 1, shape [n_windows, n_classes].
        species: The classes, in the order of the scores.

    Returns:
        One row a window, columns as `scores_schema`.
    """
    columns = {
        "filepath": [path_text(path)] * len(scores),
        "start_s": start_s,
        "end_s": end_s,
        **{one.species_code: scores[:, index] for index, one in enumerate(species)},
    }
    return pl.DataFrame(columns, schema=scores_schema(species))
