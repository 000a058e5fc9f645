"""The tables that a scan leaves: their columns, and making them from scores."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.tables import Column
from oscine.core import Location, is_remote, name_of
from oscine.model.bundle import SpeciesInfo

SCORES: Mapping[str, Column] = {
    "filepath": Column(pl.String, "path or URL of the recording, as given", required=True),
    "start_s": Column(pl.Float64, "start of the window, s", required=True, low=0.0),
    "end_s": Column(pl.Float64, "end of the window or of the recording, s", required=True, low=0.0),
}
"""The scores table's first columns; one Float32 column for each species code follows."""

_HEAD = {name: column.dtype for name, column in SCORES.items()}

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

FOUND = np.dtype(
    [
        ("start_s", np.float64),
        ("end_s", np.float64),
        ("recorded_at", "datetime64[ms]"),
        ("species", np.uint32),
        ("score", np.float32),
    ]
)
"""Detections of one recording without words: `species` is the place in the list of classes."""

Found = NDArray[np.void]
"""An array of `FOUND`, shape [n_detections]."""


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
    return dict(_HEAD) | {one.species_code: pl.Float32 for one in species}


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of the scores table, of one recording or a stretch of it.

    Args:
        filepath: The recording, as `path_text` writes it.
        start_s: Starts of the rows, s, shape [n_rows].
        end_s: Their ends, s, of the same shape.
        scores: 0 to 1, float32, shape [n_rows, n_classes].
    """

    filepath: str
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)

    def records(self) -> NDArray[np.void]:
        """Give them as records of `rows_form`."""
        records = np.empty(len(self), dtype=rows_form(self.scores.shape[1]))
        records["start_s"], records["end_s"] = self.start_s, self.end_s
        records["scores"] = self.scores
        return records


def rows_form(n_classes: int) -> np.dtype[np.void]:
    """Give the type of a record that is a row of the scores table, its recording apart."""
    return np.dtype(
        [("start_s", np.float64), ("end_s", np.float64), ("scores", np.float32, (n_classes,))]
    )


def scores_table(blocks: Sequence[Rows], species: Sequence[SpeciesInfo]) -> pl.DataFrame:
    """Make a scores table.

    Args:
        blocks: Its rows, in order.
        species: The classes, in the order of the scores.

    Returns:
        Columns as `scores_schema`.
    """
    if not blocks:
        return pl.DataFrame(schema=scores_schema(species))
    head = {
        "filepath": [block.filepath for block in blocks for _ in block.start_s],
        "start_s": np.concatenate([block.start_s for block in blocks]),
        "end_s": np.concatenate([block.end_s for block in blocks]),
    }
    scores = np.concatenate([block.scores for block in blocks])
    columns = pl.from_numpy(scores, schema=[one.species_code for one in species])
    return pl.DataFrame(head, schema=dict(_HEAD)).hstack(columns)


def detections_table(
    blocks: Sequence[tuple[str, Found]], species: Sequence[SpeciesInfo]
) -> pl.DataFrame:
    """Make a detections table.

    Args:
        blocks: Recordings, as `path_text` writes them, and their detections, in order.
        species: The classes.

    Returns:
        Columns as `DETECTIONS`.
    """
    found = np.concatenate([np.empty(0, dtype=FOUND), *(block for _, block in blocks)])
    names = ("species_code", "scientific_name", "common_name")
    words = {name: pl.Series([getattr(one, name) for one in species]) for name in names}
    columns = {
        "filepath": list(chain(*([path] * len(block) for path, block in blocks))),
        "filename": list(chain(*([name_of(path)] * len(block) for path, block in blocks))),
        **{name: found[name] for name in ("start_s", "end_s", "recorded_at", "score")},
        **{name: words[name].gather(found["species"]) for name in names},
    }
    types = {name: column.dtype for name, column in DETECTIONS.items()}
    return pl.DataFrame({name: columns[name] for name in types}, schema=types)
