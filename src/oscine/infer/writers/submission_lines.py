"""The lines of a submission, kept as text, so that a write of all of them makes none anew."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Passage:
    """Rows of a submission that follow one another and are of one recording, or of none.

    Args:
        rows: Columns as `submission_rows.ROWS`, one row at least.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        self.filepath: str | None = rows["filepath"][0]
        self.start_s = rows["start_s"].to_numpy()
        self.end_s = rows["end_s"].to_numpy()
        self.codes: list[str | None] = rows["species_code"].to_list()
        self.row_ids = [quoted(one).encode() for one in rows["row_id"].to_list()]
        self.places = np.zeros(len(rows), dtype=np.int64)
        """Where each row's line begins in the file of lines."""
        self.lengths = np.zeros(len(rows), dtype=np.int64)
        """How many bytes it has; 0: it is not filled yet."""
        self.totals: NDArray[np.float64] = np.zeros(0)
        """Sums of the scores of the filled rows, shape [n_classes]."""


def quoted(text: str) -> str:
    """Write a text as a cell of a CSV file.

    Example:
        >>> quoted("a_5"), quoted('a, "b"_5')
        ('a_5', '"a, ""b""_5"')
    """
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def score_cells(scores: NDArray[np.float32]) -> list[bytes]:
    """Write scores as cells of a CSV file, as Polars does: the shortest text that reads back.

    Args:
        scores: Shape [n_rows, n_columns].

    Returns:
        The cells of each row.

    Example:
        >>> score_cells(np.array([[0.1, 1.0], [0.0, 0.25]], dtype=np.float32))
        [b'0.1,1.0', b'0.0,0.25']
    """
    # As one column: a recording's table is short and wide, and takes many times as long.
    texts = pl.DataFrame({"": scores.ravel()}).write_csv(include_header=False).encode().split()
    width = scores.shape[1]
    return [b",".join(texts[first : first + width]) for first in range(0, scores.size, width)]


class Lines:
    """The lines of passages, in a file without a name.

    Args:
        folder: Where it lies; None: among the system's temporary files.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this object
        weakref.finalize(self, self._file.close)
        self._end = 0

    def fill(self, passage: Passage, inside: NDArray[np.bool_], values: Sequence[bytes]) -> None:
        """Keep the lines of rows.

        Args:
            passage: Whose rows they are; lines that it had before count no longer.
            inside: Which of its rows are filled, shape [n_rows].
            values: What stands behind the row id of each row that is filled.
        """
        rows = np.flatnonzero(inside)
        lines = [
            b"%b,%b\n" % (passage.row_ids[row], value)
            for row, value in zip(rows, values, strict=True)
        ]
        lengths = np.array([len(line) for line in lines], dtype=np.int64)
        passage.lengths[:] = 0
        passage.lengths[rows] = lengths
        passage.places[rows] = self._end + np.cumsum(lengths) - lengths
        self._file.seek(self._end)
        self._file.writelines(lines)
        self._end += int(lengths.sum())

    def read(self, passages: Sequence[Passage], unfilled: bytes) -> Iterator[bytes]:
        """Read the lines of passages, in order.

        Args:
            passages: The passages.
            unfilled: What stands behind the row id of a row that is not filled.
        """
        rest = b",%b\n" % unfilled
        for passage in passages:
            if passage.lengths.all():  # they were written in a row
                yield self._at(passage.places[0], passage.lengths.sum())
                continue
            for row_id, place, n in zip(
                passage.row_ids, passage.places, passage.lengths, strict=True
            ):
                yield self._at(place, n) if n else row_id + rest

    def clear(self) -> None:
        """Forget all lines; passages that were filled must be filled again."""
        self._file.truncate(0)
        self._end = 0

    def _at(self, place: np.int64, n: np.int64) -> bytes:
        self._file.seek(int(place))
        return self._file.read(int(n))
