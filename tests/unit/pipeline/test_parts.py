"""Work in parts: nothing is done twice, and a kill loses at most one part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pytest

from oscine.pipeline.parts import Parts

SCHEMA = {"filepath": pl.String, "n": pl.Int64}
PATHS = [f"{n}.ogg" for n in range(7)]


class KilledError(Exception):
    """Stands for a kill."""


@pytest.fixture
def parts(tmp_path) -> Parts:
    return Parts(tmp_path / "parts", "n-", SCHEMA, 3)


def worker(done: list[str], until: int = 99):
    def work(left: Sequence[str]) -> Iterator[dict[str, object]]:
        for path in left:
            if len(done) == until:
                raise KilledError
            done.append(path)
            yield {"filepath": path, "n": int(path[0])}

    return work


def test_each_file_is_worked_on_once_and_in_order(parts: Parts) -> None:
    done: list[str] = []
    assert parts.complete(PATHS, worker(done), "count")["n"].to_list() == list(range(7))
    assert done == PATHS
    names = sorted(path.name for path in parts.folder.iterdir())
    assert names == ["n-000000.parquet", "n-000001.parquet", "n-000002.parquet"]


@pytest.mark.parametrize(("killed_at", "kept"), [(2, 0), (3, 3), (5, 3), (6, 6)])
def test_what_was_killed_goes_on_after_the_last_whole_part(
    parts: Parts, killed_at: int, kept: int
) -> None:
    with pytest.raises(KilledError):
        parts.complete(PATHS, worker([], until=killed_at), "count")
    done: list[str] = []
    assert parts.complete(PATHS, worker(done), "count")["filepath"].to_list() == PATHS
    assert done == PATHS[kept:]


def test_other_work_in_the_same_folder_is_not_mixed_in(parts: Parts) -> None:
    plain = Parts(parts.folder, "", SCHEMA, 3)
    parts.complete(PATHS[:4], worker([]), "count")
    assert plain.complete(PATHS[4:], worker([]), "count")["n"].to_list() == [4, 5, 6]
    assert parts.complete(PATHS[:4], worker([]), "count")["n"].to_list() == [0, 1, 2, 3]


def test_no_files_are_no_rows(parts: Parts) -> None:
    assert parts.complete([], worker([]), "count").schema == SCHEMA
