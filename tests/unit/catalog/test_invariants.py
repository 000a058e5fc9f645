"""Rules within a row, checked whenever a recordings table is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import RECORDINGS, read_table, write_table
from oscine.catalog.invariants import INVARIANTS, check_invariants
from oscine.core import CatalogError
from unit.catalog.factories import recordings


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"start_s": 3.0, "end_s": 3.0}, "end_s is not after start_s"),
        ({"end_s": 0.0}, "end_s is not after start_s"),
        ({"latitude": 1.0}, "latitude and longitude do not stand together"),
        ({"longitude": 1.0}, "latitude and longitude do not stand together"),
        ({"longitude": 181.0, "latitude": 1.0}, "longitude holds 181.0"),
        ({"secondary_labels": ["a", "brant"]}, "the primary label is a secondary one too"),
        ({"secondary_labels": ["a", None]}, "a secondary label is empty"),
        ({"secondary_labels": [""]}, "a secondary label is empty"),
        ({"primary_label": ""}, "the primary label is empty"),
        ({"license": " "}, "license is blank"),
        ({"duration_s": -1.0}, "duration_s holds -1.0"),
        ({"sample_rate": 0}, "sample_rate holds 0"),
    ],
)
@pytest.mark.parametrize("act", ["read", "write"])
def test_an_invariant_that_breaks_names_the_first_row(
    row: dict[str, object], problem: str, act: str, tmp_path: Path
) -> None:
    table, path = recordings([{}, row, row]), tmp_path / "t.parquet"
    if act == "read":
        table.write_parquet(path)
    named = rf"{problem}.* 2 rows, first in row 1 \(a/.*/1-XC2.ogg\)"
    with pytest.raises(CatalogError, match=named):
        read_table(path, RECORDINGS) if act == "read" else write_table(table, path, RECORDINGS)


def test_every_rule_holds_for_a_plain_row() -> None:
    check_invariants(recordings([{}]))
    assert len(INVARIANTS) == len(set(INVARIANTS))
