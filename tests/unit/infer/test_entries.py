from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import generator
from oscine.infer.entries import StoredScores, entry_schema, entry_table
from oscine.infer.events import FileScores
from oscine.infer.levels import Level

FULL, LESS = Level((0, 1), (-5, 5)), Level((1,), (5,), stride=2)


@pytest.fixture
def written() -> FileScores:
    """Ten windows, of which some were not heard by the first bundle."""
    levels = (FULL, FULL, LESS, FULL, LESS, LESS, FULL, FULL, LESS, LESS)
    scores = generator(0, "scores").random((10, 2, 3)).astype(np.float32)
    scores[[2, 4, 5, 8, 9], 0] = np.nan
    scores[0, 0, 1] = np.nan  # a class that the first bundle does not know
    start_s = np.arange(10.0) / 3
    return FileScores(Path("a.wav"), start_s, start_s + 1, scores, levels, None)


@pytest.fixture
def read(tmp_path: Path, written: FileScores) -> StoredScores:
    table = entry_table(written)
    assert dict(table.schema) == entry_schema(3)
    table.write_parquet(tmp_path / "entry.parquet", row_group_size=4)
    return StoredScores(tmp_path / "entry.parquet", Path("b.wav"), 2, None)


def test_windows_come_back_with_what_was_done_for_each(
    read: StoredScores, written: FileScores
) -> None:
    assert (read.path, read.levels, read.is_cut_short) == (Path("b.wav"), written.levels, False)
    np.testing.assert_array_equal(read.start_s, written.start_s)
    np.testing.assert_array_equal(read.end_s, written.end_s)


@pytest.mark.parametrize(("first", "last"), [(0, 10), (0, 1), (2, 6), (9, 10), (4, 4)])
def test_any_stretch_of_windows_can_be_read(
    read: StoredScores, written: FileScores, first: int, last: int
) -> None:
    np.testing.assert_array_equal(read.between(first, last), written.between(first, last))


def test_equal_levels_are_one_object(read: StoredScores) -> None:
    assert len({id(level) for level in read.levels}) == 2
