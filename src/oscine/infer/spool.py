"""Records of recordings, on disk while a scan lasts, so that whole tables are written from them.

They lie in one file in the order in which they came; where each recording's lie is in memory. A
table is written of them as often as asked, and no file is opened for each recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from oscine.core import Location

BYTES_AT_ONCE = 1 << 20
"""How much is read at a time: of rows with 200 classes 1,285, of detections 29,000."""

Records = NDArray[np.void]


class Spool:
    """Records of recordings, each of which can be replaced by later ones.

    Args:
        file: Where they lie; what is there is replaced.
        form: A structured type.
    """

    def __init__(self, file: Path, form: DTypeLike) -> None:
        self._file = file
        self._form = np.dtype(form)
        self._spans: dict[Location, tuple[int, int]] = {}
        self._n = 0
        file.write_bytes(b"")

    def add(self, path: Location, blocks: Iterable[Records]) -> None:
        """Write a recording's records; those that it had before count no longer."""
        first = self._n
        with self._file.open("ab") as file:
            for block in blocks:
                file.write(block.astype(self._form, copy=False).tobytes())
                self._n += len(block)
        self._spans[path] = first, self._n

    def count(self, paths: Iterable[Location]) -> int:
        """Count the records of recordings."""
        return sum(last - first for first, last in map(self._spans.__getitem__, paths))

    def read(self, paths: Iterable[Location]) -> Iterator[list[tuple[Location, Records]]]:
        """Read the records of recordings, in that order.

        Yields:
            Up to `BYTES_AT_ONCE` of them: of several short recordings, or a stretch of a long one.
        """
        most = max(1, BYTES_AT_ONCE // self._form.itemsize)
        held: list[tuple[Location, Records]] = []
        for path in paths:
            first, last = self._spans[path]
            for low in range(first, last, most):
                n, place = min(last - low, most), low * self._form.itemsize
                if held and sum(len(one) for _, one in held) + n > most:
                    yield held
                    held = []
                held.append((path, np.fromfile(self._file, self._form, n, offset=place)))
        if held:
            yield held

    def clear(self) -> None:
        """Forget all records."""
        self._spans, self._n = {}, 0
        self._file.write_bytes(b"")

    def close(self) -> None:
        """Delete the file."""
        self._file.unlink()
