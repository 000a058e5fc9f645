import polars as pl
import pytest

from oscine.infer import joining
from oscine.infer.joining import join_files


def piece(number, n_rows):
    return pl.DataFrame({"name": [f"r{number}"] * n_rows, "value": range(n_rows)})


@pytest.mark.parametrize("n", [1, 3, 4, 5, 16, 17, 70])
def test_files_are_joined_in_their_order(tmp_path, monkeypatch, n):
    monkeypatch.setattr(joining, "MOST", 4)
    tables = [piece(number, 1 + number % 3) for number in range(n)]
    pieces = [tmp_path / f"{number}.parquet" for number in range(n)]
    for table, path in zip(tables, pieces, strict=True):
        table.write_parquet(path)
    join_files(pieces, tmp_path / "all.parquet")
    assert pl.read_parquet(tmp_path / "all.parquet").equals(pl.concat(tables))
    assert {path.name for path in tmp_path.iterdir()} == {
        "all.parquet",
        *(path.name for path in pieces),
    }


def test_never_more_files_are_open_than_are_joined_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "MOST", 4)
    asked = []
    scan_parquet = pl.scan_parquet
    monkeypatch.setattr(
        pl, "scan_parquet", lambda paths: asked.append(len(paths)) or scan_parquet(paths)
    )
    pieces = [tmp_path / f"{number}.parquet" for number in range(50)]
    for path in pieces:
        piece(0, 1).write_parquet(path)
    join_files(pieces, tmp_path / "all.parquet")
    assert max(asked) == 4
