"""Many Parquet files joined to one; what is held does not grow with their number.

Polars holds about a kilobyte for each column of each file that it joins, which for 600 recordings
of 200 classes was 125 MB; so no more than `MOST` are joined at a time, and the results in turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

MOST = 32
"""Files that are joined at a time."""


def join_files(pieces: Sequence[Path], path: Path) -> None:
    """Write the rows of Parquet files, one or more of the same columns, into one file, in order.

    Args:
        pieces: The files; they stay. What is joined on the way lies beside the first for a while.
        path: What is written.
    """
    with TemporaryDirectory(dir=pieces[0].parent) as name:
        numbers = itertools.count()
        while len(pieces) > MOST:
            groups = [pieces[start : start + MOST] for start in range(0, len(pieces), MOST)]
            pieces = [_join(group, Path(name) / f"{next(numbers)}.parquet") for group in groups]
        _join(pieces, path)


def _join(pieces: Sequence[Path], path: Path) -> Path:
    pl.scan_parquet(list(pieces)).sink_parquet(path)
    return path
