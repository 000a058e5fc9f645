"""The column contract."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import FOLDS, RECORDINGS, check, conform, empty, read_table, write_table
from oscine.catalog.tables import AUDIT, CLUSTERS, DEPARTURES, FINDINGS, Column
from oscine.core import ArtifactError, CatalogError
from unit.catalog.factories import recordings

CONTRACTS = [RECORDINGS, DEPARTURES, AUDIT, FINDINGS, CLUSTERS, FOLDS]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_empty_table_keeps_its_contract(contract: dict[str, Column]) -> None:
    check(empty(contract), contract)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = recordings([{}, {"latitude": 1.5, "secondary_labels": ["a", "b"]}])
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
        ({"recording_id": "same"}, "'same' stands twice"),
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
