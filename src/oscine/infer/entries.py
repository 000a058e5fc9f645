"""The form of a journal's entry: a row for each window and bundle that scored it, as Parquet.

Source of a row's columns: `Level` says which bundles heard a window, at which shifts, and whether
windows between were passed over; scores that no bundle gave are in no row, and come back as NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import Location
from oscine.infer.events import UNSCANNED, FileScores, Finding
from oscine.infer.levels import Level

Floats = NDArray[np.float32]

HEAD: Mapping[str, Any] = {
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "member": pl.UInt8,
    "shifts": pl.List(pl.Int64),
    "stride": pl.UInt32,
}
"""The first columns of an entry; the scores of all classes are one more."""

SCORES = "scores"
"""Column of the scores. For a short recording and 200 classes, a file with a column for each class
takes fourteen times as long to write, and four times as long to read."""


def entry_schema(n_classes: int) -> dict[str, Any]:
    """Give the columns and types of an entry."""
    return dict(HEAD) | {SCORES: pl.Array(pl.Float32, n_classes)}


def entry_table(result: FileScores) -> pl.DataFrame:
    """Make the rows of a recording, or of a stretch of it, of one window at least."""
    asked = [(row, member) for row, one in enumerate(result.levels) for member in one.members]
    row, member = np.array(asked).T
    columns = {
        "start_s": result.start_s[row],
        "end_s": result.end_s[row],
        "member": member,
        "shifts": [list(result.levels[one].shifts) for one in row.tolist()],
        "stride": [result.levels[one].stride for one in row.tolist()],
        SCORES: result.scores[row, member],
    }
    return pl.DataFrame(columns, schema=entry_schema(result.scores.shape[2]))


class StoredScores:
    """The scores of a recording in an entry, which are read stretch by stretch.

    Args:
        stored: The entry's file.
        path: What the recording is called now.
        n_members: Bundles of the scan.
        finding: What stopped the decoding, if anything did.
    """

    def __init__(
        self,
        stored: Path,
        path: Location,
        n_members: int,
        finding: Finding | None,
    ) -> None:
        self.path = path
        self.finding = finding
        self._stored = stored
        self._n_members = n_members
        head = pl.read_parquet(stored, columns=list(HEAD))
        firsts = np.flatnonzero((head["start_s"].diff().fill_null(1.0) > 0).to_numpy())
        self._rows = np.append(firsts, len(head))
        self._member = head["member"].to_numpy()
        self.start_s: NDArray[np.float64] = head["start_s"].to_numpy()[firsts]
        self.end_s: NDArray[np.float64] = head["end_s"].to_numpy()[firsts]
        self.levels = self._read_levels(head, firsts)

    @property
    def is_cut_short(self) -> bool:
        """Whether time was up before its end."""
        return self.finding == UNSCANNED

    def _read_levels(self, head: pl.DataFrame, firsts: NDArray[np.int64]) -> tuple[Level, ...]:
        """Read what was done for each window; equal levels are one object."""
        known: dict[Level, Level] = {}
        members = np.split(self._member, firsts[1:])
        shifts, stride = (head[name].gather(firsts).to_list() for name in ("shifts", "stride"))
        levels = (
            Level(tuple(asked.tolist()), tuple(shift), step)
            for asked, shift, step in zip(members, shifts, stride, strict=True)
        )
        return tuple(known.setdefault(level, level) for level in levels)

    def between(self, first: int, last: int) -> Floats:
        """Read the scores of windows, shape [last - first, n_members, n_classes]."""
        low, high = int(self._rows[first]), int(self._rows[last])
        every = pl.scan_parquet(self._stored).select(SCORES)
        rows = every.slice(low, high - low).collect()[SCORES].to_numpy()
        window = np.repeat(np.arange(last - first), np.diff(self._rows[first : last + 1]))
        scores = np.full((last - first, self._n_members, rows.shape[1]), np.nan, dtype=np.float32)
        scores[window, self._member[low:high]] = rows
        return scores
