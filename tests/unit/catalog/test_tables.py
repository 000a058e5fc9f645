"""The column contract."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import FOLDS, RECORDINGS, check, conform, empty, read_table, write_table
from oscine.catalog.tables import (
    ATTRIBUTION,
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    LICENSES,
    Column,
)
from oscine.core import ArtifactError, CatalogError
from unit.catalog.factories import recordings

CONTRACTS = [RECORDINGS, DEPARTURES, AUDIT, FINDINGS, CLUSTERS, FOLDS, LICENSES, ATTRIBUTION]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_empty_table_keeps_its_contract(contract: dict[str, Column]) -> None:
    check(empty(contract), contract)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = recordings([{}, {"latitude": 1.5, "longitude": 2.0, "secondary_labels": ["a", "b"]}])
    write_table(table, tmp_path / "t.parquet", RECORDINGS)
    assert read_table(tmp_path / "t.parquet", RECORDINGS).equals(table)


def test_a_missing_table_is_an_artifact_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="missing table"):
        read_table(tmp_path / "no.parquet", RECORDINGS)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rating": 6.0}, "rating holds 6.0"),
        ({"rating": 0.0}, "rating holds 0.0"),
        ({"latitude": -91.0}, "latitude holds -91.0"),
        ({"primary_label": None}, "primary_label has 2 empty values"),
        ({"recording_id": "same"}, "a recording_id stands twice: 2 rows, first in row 0 .same."),
        ({"author": 5}, "author is Int32, not String"),
    ],
)
def test_a_bad_value_breaks_the_contract(change: dict[str, object], problem: str) -> None:
    table = recordings([{}, {}]).with_columns(
        pl.lit(value, dtype=pl.String if value is None else None).alias(name)
        for name, value in change.items()
    )
    with pytest.raises(CatalogError, match=problem):
        check(table, RECORDINGS)


@pytest.mark.parametrize(
    "row",
    [
        {"start_s": 3.0},
        {"start_s": 3.0, "end_s": 3.1},
        {"latitude": 0.0, "longitude": 0.0},
        {"license": None},
        {"duration_s": 0.0, "sample_rate": 8000, "content_hash": "ab"},
    ],
)
def test_what_the_contract_allows_passes(row: dict[str, object]) -> None:
    check(recordings([row]), RECORDINGS)


def test_a_table_goes_to_pandas_for_a_notebook() -> None:
    frame = recordings([{"secondary_labels": ["a"]}, {"rating": 2.5}]).to_pandas()
    assert list(frame.columns) == list(RECORDINGS)
    assert list(frame.loc[0, "secondary_labels"]) == ["a"]
    assert frame.loc[1, "rating"] == 2.5


def test_nothing_is_written_when_the_contract_is_broken(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no column"):
        write_table(recordings([{}]).drop("xc_id"), tmp_path / "t.parquet", RECORDINGS)
    assert not list(tmp_path.iterdir())


def test_conforming_fills_and_drops_columns() -> None:
    table = conform(pl.DataFrame({"recording_id": ["a"], "cluster": ["x"], "more": [1]}), CLUSTERS)
    assert table.columns == ["recording_id", "cluster"]
    assert conform(table, FOLDS)["fold"].to_list() == [None]


def test_conforming_refuses_what_has_no_place_in_the_type() -> None:
    with pytest.raises(CatalogError, match="wrong type"):
        conform(pl.DataFrame({"fold": ["first"]}), FOLDS)
