"""What must not be parted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.catalog import components, key_values
from unit.catalog.factories import recordings


def slow_components(keys: list[list[str | None]], n_rows: int) -> list[int]:
    """Merge overlapping sets until nothing overlaps."""
    parent = list(range(n_rows))
    changed = True
    while changed:
        changed = False
        for key in keys:
            for i in range(n_rows):
                for j in range(n_rows):
                    if key[i] is not None and key[i] == key[j] and parent[i] > parent[j]:
                        parent[i] = parent[j]
                        changed = True
    return parent


VALUES = st.sampled_from([None, "a", "b", "c", "d", "e"])


@given(rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=14))
@settings(max_examples=50, deadline=None)
def test_components_agree_with_the_slow_oracle(rows: list[tuple[str | None, ...]]) -> None:
    keys = [[row[place] for row in rows] for place in range(3)]
    series = [pl.Series(f"k{place}", key, dtype=pl.String) for place, key in enumerate(keys)]
    assert components(series, len(rows)).tolist() == slow_components(keys, len(rows))


def test_a_long_chain_is_one_component() -> None:
    n_rows = 20_000
    order = np.random.default_rng(0).permutation(n_rows)
    left = pl.Series("left", [str(place // 2) for place in order])
    right = pl.Series("right", [str((place + 1) // 2) for place in order])
    assert not components([left, right], n_rows).any()


def test_rows_without_keys_are_alone() -> None:
    assert components([], 3).tolist() == [0, 1, 2]
    assert components([pl.Series("k", [None, None], dtype=pl.String)], 2).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("xc_id", "recording"),
    [
        ("XC12345", "XC12345"),
        ("XC12345_2", "XC12345"),
        ("mine/brant/XC12345-clip7", "XC12345"),
        ("iNat77", "iNat77"),
        ("mine/brant/3", "mine/brant/3"),
        ("mine/XC9/3", "mine/XC9/3"),
    ],
)
def test_clips_of_an_archives_recording_are_that_recording(xc_id: str, recording: str) -> None:
    table = recordings([{"xc_id": xc_id}])
    assert key_values(table, "recording").to_list() == [recording]


def test_a_recordist_is_known_in_any_case_and_spacing() -> None:
    table = recordings([{"author": "Ann  Other "}, {"author": "ann other"}, {"author": None}])
    assert key_values(table, "recordist").to_list() == ["ann other", "ann other", None]


def test_a_site_is_its_name_or_its_place() -> None:
    near = {"latitude": 1.00004, "longitude": 2.0}
    table = recordings([{"site": "Hill", **near}, near, {"latitude": 1.0, "longitude": 2.0}, {}])
    assert key_values(table, "site").to_list() == ["hill", "1.0 2.0", "1.0 2.0", None]


def test_duplicates_are_what_the_clusters_say() -> None:
    table = recordings([{}, {}])
    clusters = pl.DataFrame({"recording_id": [table["recording_id"][1]], "cluster": ["x"]})
    assert key_values(table, "duplicate", clusters).to_list() == [None, "x"]
    assert key_values(table, "duplicate").to_list() == [None, None]
