from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from oscine.infer.parquet import write_blocks

SCHEMA = {"name": pl.String, "value": pl.Int64}


def make_block(number: int, n_rows: int) -> pl.DataFrame:
    return pl.DataFrame({"name": [f"r{number}"] * n_rows, "value": range(n_rows)}, schema=SCHEMA)


@pytest.mark.parametrize("n", [0, 1, 5, 300])
def test_blocks_are_written_in_their_order(tmp_path: Path, n: int) -> None:
    blocks = [make_block(number, number % 40) for number in range(n)]
    write_blocks(iter(blocks), SCHEMA, tmp_path / "all.parquet", 1024)
    expected = pl.concat([pl.DataFrame(schema=SCHEMA), *blocks])
    assert pl.read_parquet(tmp_path / "all.parquet").equals(expected)


def test_a_file_does_not_depend_on_its_blocks(tmp_path: Path) -> None:
    whole = make_block(0, 5000)
    for n in (7, 5000):
        blocks = (whole[first : first + n] for first in range(0, 5000, n))
        write_blocks(blocks, SCHEMA, tmp_path / f"{n}.parquet", 1024)
    assert (tmp_path / "7.parquet").read_bytes() == (tmp_path / "5000.parquet").read_bytes()


def test_blocks_are_written_before_the_last_ones_are_asked_for(tmp_path: Path) -> None:
    path, sizes = tmp_path / "all.parquet", [0]

    def blocks() -> Iterator[pl.DataFrame]:
        for number in range(400):
            sizes.append(path.stat().st_size if path.exists() else 0)
            yield pl.DataFrame({f"c{i}": range(number, number + 1024) for i in range(64)})

    write_blocks(blocks(), {f"c{i}": pl.Int64 for i in range(64)}, path, 1024)
    assert len(sizes) == 401
    assert sizes[-1] > 0.8 * path.stat().st_size


def test_what_goes_wrong_in_a_block_is_raised(tmp_path: Path) -> None:
    def blocks() -> Iterator[pl.DataFrame]:
        yield make_block(0, 3)
        raise OSError("no space left on device")

    # Polars before 1.35 or so raises an error of its own that quotes it.
    with pytest.raises((OSError, pl.exceptions.ComputeError), match="no space left"):
        write_blocks(blocks(), SCHEMA, tmp_path / "all.parquet", 1024)
