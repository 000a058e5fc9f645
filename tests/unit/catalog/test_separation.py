"""What shares a recordist or a site with the target, where a recipe keeps them apart."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.catalog import CatalogConfig, MergeConfig, key_values, merge_catalogs, read_catalog
from oscine.catalog.separation import separate
from oscine.config import parse
from oscine.core import ConfigError
from unit.catalog.factories import catalog, recordings, shuffled, tables

PROPERTY = settings(max_examples=40, deadline=None)


@given(pretrain=tables("a"), target=tables("b"), seed=st.integers(0, 99))
@PROPERTY
def test_no_recordist_is_left_in_both_and_nobody_else_leaves(
    pretrain: pl.DataFrame, target: pl.DataFrame, seed: int
) -> None:
    outcome = separate(pretrain, target, "recordist")
    theirs = set(key_values(target, "recordist").drop_nulls())
    ours = key_values(pretrain, "recordist")
    stays = [name is None or name not in theirs for name in ours]
    assert outcome.kept.equals(pretrain.filter(pl.Series(stays, dtype=pl.Boolean)))
    assert len(outcome.kept) + len(outcome.departures) == len(pretrain)
    again = separate(shuffled(pretrain, seed), shuffled(target, seed), "recordist")
    assert set(again.kept["recording_id"]) == set(outcome.kept["recording_id"])
    assert again.departures.sort("recording_id").equals(outcome.departures.sort("recording_id"))


def test_a_departure_says_who_and_where() -> None:
    target = recordings([{"author": "Zoe"}, {"author": "Ann"}, {"author": "Ann"}], "b")
    row = separate(recordings([{"author": "ann "}]), target, "recordist").departures.row(
        0, named=True
    )
    assert row["reason"] == row["step"] == "target_recordist"
    assert row["detail"] == f"recordist ann, as {target['recording_id'][1]}"


def test_a_site_leaves_by_its_own_reason() -> None:
    table = recordings([{"site": "Hill"}, {"site": "Moor"}, {}])
    outcome = separate(table, recordings([{"site": "hill"}], "b"), "site")
    assert outcome.departures["reason"].to_list() == ["target_site"]
    assert len(outcome.kept) == 2


def test_the_merge_keeps_recordists_of_the_target_unless_it_is_told() -> None:
    pairs = [
        (catalog("a"), recordings([{"author": "Ann", "xc_id": "XC7"}, {"author": "Ben"}])),
        (catalog("b", "target"), recordings([{"author": "Ann", "xc_id": "XC8"}], "b")),
    ]
    assert len(merge_catalogs(pairs, MergeConfig()).pretrain) == 2
    merged = merge_catalogs(pairs, MergeConfig(separate=("recordist",)))
    assert merged.pretrain["author"].to_list() == ["Ben"]
    steps = [step for step in merged.waterfall if step["step"] == "target_recordist"]
    assert steps == [{"step": "target_recordist", "part": "pretrain", "rows": 1, "removed": 1}]


def test_recordings_are_not_a_choice_since_they_leave_anyway() -> None:
    with pytest.raises(ConfigError, match="separate"):
        parse(MergeConfig, {"separate": ["recording"]})


def test_recordists_of_the_real_2023_table_leave_that_of_2022(real_data: Path) -> None:
    pairs = [
        (config, read_catalog(config))
        for config in (
            CatalogConfig(
                name=f"b{year}",
                source=f"birdclef{year}",
                path=real_data / "catalogs" / year,
                role=role,
                audio_required=False,
            )
            for year, role in (("2022", "pretrain"), ("2023", "target"))
        )
    ]
    merged = merge_catalogs(pairs, MergeConfig(separate=("recordist",)))
    together = [key_values(table, "recordist") for table in (merged.pretrain, merged.target)]
    assert not set(together[0].drop_nulls()) & set(together[1].drop_nulls())
    left = len(merge_catalogs(pairs, MergeConfig()).pretrain) - len(merged.pretrain)
    (step,) = [step for step in merged.waterfall if step["step"] == "target_recordist"]
    assert step["removed"] == left > 0
