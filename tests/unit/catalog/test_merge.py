"""Many catalogs to two tables, and the account of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import merge_pandas
from oscine.catalog import (
    DEPARTURES,
    FINDINGS,
    RECORDINGS,
    CatalogConfig,
    MergeConfig,
    Merged,
    Outcome,
    check,
    drop_labels,
    drop_rare,
    gather,
    merge_catalogs,
    read_catalog,
)
from oscine.config import parse
from oscine.core import CatalogError, ConfigError
from unit.catalog.factories import catalog, recordings, shuffled, tables

PROPERTY = settings(max_examples=25, deadline=None)


def merge_three(a: pl.DataFrame, b: pl.DataFrame, t: pl.DataFrame) -> Merged:
    pairs = [(catalog("a"), a), (catalog("b", min_recordings=2), b), (catalog("t", "target"), t)]
    return merge_catalogs(pairs, MergeConfig())


@given(a=tables("a"), b=tables("b"), t=tables("t"))
@PROPERTY
def test_nothing_is_lost_without_a_departure(
    a: pl.DataFrame, b: pl.DataFrame, t: pl.DataFrame
) -> None:
    merged = merge_three(a, b, t)
    given_ids = pl.concat([a, b, t])["recording_id"]
    ids = pl.concat([table["recording_id"] for table in (merged.pretrain, merged.target)])
    assert sorted([*ids, *merged.departures["recording_id"]]) == sorted(given_ids)


@given(a=tables("a"), b=tables("b"), t=tables("t"), seed=st.integers(0, 99))
@PROPERTY
def test_the_order_of_the_rows_does_not_matter(
    a: pl.DataFrame, b: pl.DataFrame, t: pl.DataFrame, seed: int
) -> None:
    one = merge_three(a, b, t)
    other = merge_three(*(shuffled(table, seed) for table in (a, b, t)))
    assert one.pretrain.equals(other.pretrain)
    assert one.target.equals(other.target)
    assert one.departures.equals(other.departures)
    assert one.conflicts.equals(other.conflicts)
    assert one.waterfall == other.waterfall


@given(a=tables("a"), t=tables("t"))
@PROPERTY
def test_no_recording_is_in_both_parts(a: pl.DataFrame, t: pl.DataFrame) -> None:
    merged = merge_catalogs([(catalog("a"), a), (catalog("t", "target"), t)], MergeConfig())
    assert not set(merged.pretrain["xc_id"]) & set(t["xc_id"])


@given(a=tables("a"), t=tables("t"))
@PROPERTY
def test_the_waterfall_adds_up(a: pl.DataFrame, t: pl.DataFrame) -> None:
    merged = merge_catalogs([(catalog("a"), a), (catalog("t", "target"), t)], MergeConfig())
    rows = [row for row in merged.waterfall if row["part"] == "pretrain"]
    assert rows[0]["rows"] == len(a)
    assert rows[-1]["rows"] == len(merged.pretrain)
    assert [row["rows"] for row in rows[1:]] == [
        before["rows"] - row["removed"] for before, row in pairwise(rows)
    ]


def test_the_first_catalog_of_the_recipe_wins() -> None:
    row = {"xc_id": "XC1", "author": "Ann"}
    a, b = recordings([row], "a"), recordings([row], "b")
    merged = merge_catalogs([(catalog("b"), b), (catalog("a"), a)], MergeConfig())
    assert merged.pretrain["catalog"].to_list() == ["b"]


def test_target_overlap_can_be_kept() -> None:
    a, t = recordings([{"xc_id": "XC1"}], "a"), recordings([{"xc_id": "XC1"}], "t")
    pairs = [(catalog("a"), a), (catalog("t", "target"), t)]
    assert len(merge_catalogs(pairs, MergeConfig(drop_target_overlap=False)).pretrain) == 1


def test_corrupt_lists_licences_and_known_silent_files_are_left_out(tmp_path: Path) -> None:
    table = recordings(
        [
            {"filepath": "/2021/train_short_audio/cogdov/XC579430.ogg"},
            {"filepath": "/data/brant/XC2.ogg"},
            {"license": "cc-by-nc-nd 4.0"},
            {"license": "cc-by 4.0"},
        ]
    )
    (tmp_path / "corrupt.txt").write_text("brant/XC2.ogg\n")
    config = MergeConfig(corrupt_lists=(tmp_path / "corrupt.txt",), exclude_licenses=("nd",))
    merged = merge_catalogs([(catalog("a"), table)], config)
    assert merged.pretrain["xc_id"].to_list() == ["XC4"]
    assert merged.departures["reason"].to_list() == ["corrupt_list", "corrupt_list", "license"]


def test_what_the_target_does_not_keep_may_stay_in_pretraining() -> None:
    rows = [{"primary_label": "gadwal"}, {"primary_label": "brant"}, {"primary_label": "brant"}]
    pairs = [
        (catalog("a"), recordings(rows, "a")),
        (catalog("t", "target", min_recordings=2), recordings(rows, "t")),
    ]
    merged = merge_catalogs(pairs, MergeConfig())
    assert merged.pretrain["primary_label"].to_list() == ["gadwal"]
    assert merged.target["primary_label"].to_list() == ["brant", "brant"]


def test_low_rated_recordings_leave_and_unrated_ones_stay() -> None:
    """In the reference recipe ratings were read and not used."""
    table = recordings([{"rating": 2.0}, {"rating": 4.5}, {}])
    merged = merge_catalogs([(catalog("a", "target"), table)], MergeConfig(min_rating=3.0))
    assert merged.target["xc_id"].to_list() == ["XC2", "XC3"]
    assert merged.departures.select("reason", "detail").rows() == [("low_rating", "rated 2.0")]


def test_all_tables_keep_their_contracts() -> None:
    a = recordings([{}, {"xc_id": "XC1", "primary_label": "gadwal"}], "a")
    merged = merge_catalogs([(catalog("a"), a)], MergeConfig())
    check(merged.pretrain, RECORDINGS)
    check(merged.target, RECORDINGS)
    check(merged.departures, DEPARTURES)
    check(merged.conflicts, FINDINGS)
    assert len(merged.conflicts) == 2


def test_two_catalogs_of_one_name_are_refused() -> None:
    table = recordings([{}])
    with pytest.raises(CatalogError, match="one name"):
        merge_catalogs([(catalog("a"), table)] * 2, MergeConfig())


def test_a_step_that_loses_rows_silently_is_refused() -> None:
    merged = merge_catalogs([(catalog("a"), recordings([{}, {}]))], MergeConfig())
    with pytest.raises(CatalogError, match="of 2 rows 1 stay, but 0 say why not"):
        merged.after("mine", "pretrain", Outcome(merged.pretrain.head(1), gather()))


@pytest.mark.parametrize(
    ("settings_", "problem"),
    [
        ({"duplicate_key": ["xcid"]}, "'xcid' is no column"),
        ({"exclude_licenses": ["commercial"]}, "'by', 'nc', 'nd'"),
        ({"drop_overlap": True}, "did you mean drop_target_overlap"),
    ],
)
def test_bad_settings_name_the_choices(settings_: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse(MergeConfig, settings_)


def test_rare_classes_leave_and_say_how_many_they_had() -> None:
    table = recordings([{}, {}, {"primary_label": "gadwal"}])
    outcome = drop_rare(table, {"a": 2})
    assert outcome.kept["primary_label"].to_list() == ["brant", "brant"]
    assert outcome.departures["detail"].to_list() == ["gadwal has 1 of 2 recordings"]


def test_a_class_that_another_catalog_has_plenty_of_is_not_rare() -> None:
    table = pl.concat([recordings([{}], "a"), recordings([{}, {}], "b")])
    assert len(drop_rare(table, {"a": 3, "b": 1}).kept) == 3


def test_a_class_that_becomes_rare_by_the_removal_leaves_too() -> None:
    table = pl.concat([recordings([{}], "a"), recordings([{}], "b")])
    assert drop_rare(table, {"a": 3, "b": 2}).kept.is_empty()


def real_year(year: str, role: str, real_data: Path) -> tuple[CatalogConfig, pl.DataFrame]:
    config = CatalogConfig(
        name=f"b{year}",
        source=f"birdclef{year}",
        path=real_data / "catalogs" / year,
        role=role,
        audio_required=False,
    )
    return config, read_catalog(config)


@pytest.mark.parametrize("target_year", [None, "2022", "2023"])
def test_the_real_years_merge_as_the_pandas_oracle_does(
    target_year: str | None, real_data: Path
) -> None:
    corrupt = ["grekis/XC629875.ogg", "comsan/XC209069.ogg"]
    years = ("2022", "2023")
    theirs = {
        year: merge_pandas.read_year(
            real_data / "catalogs" / year / "train_metadata.csv", f"/{year}/train_audio", year[2:]
        )
        for year in years
    }
    target = theirs[target_year] if target_year else theirs["2022"].head(0)
    lists = [f"/{year}/train_audio/{name}" for year in years for name in corrupt]
    pretrain = [table for year, table in theirs.items() if year != target_year]
    expected, counts = merge_pandas.merge(pretrain, target, lists)
    ours = [
        real_year(year, "target" if year == target_year else "pretrain", real_data)
        for year in years
    ]
    merged = merge_catalogs(ours, MergeConfig(corrupt_files=tuple(corrupt)))
    rows = {row["step"]: row["rows"] for row in merged.waterfall if row["part"] == "pretrain"}
    assert {step: rows[step] for step in counts} == counts
    kept = merged.pretrain.select("birdclef", "primary_label", "filename").sort(pl.all())
    wanted = expected[["birdclef", "primary_label", "filename"]]
    assert kept.rows() == sorted(wanted.itertuples(index=False, name=None))


def test_the_real_years_share_483_recordings_and_have_three_conflicts(real_data: Path) -> None:
    pairs = [real_year("2022", "pretrain", real_data), real_year("2023", "target", real_data)]
    merged = merge_catalogs(pairs, MergeConfig())
    assert merged.departures["reason"].to_list() == ["target_overlap"] * 483
    xc_ids = merged.conflicts["detail"].str.extract(r"^(\w+) stands as").unique()
    assert set(xc_ids) == {"XC294370", "XC501149", "XC316684"}


def test_labels_that_the_recipe_excludes_leave_and_say_so() -> None:
    table = recordings([{"primary_label": "nocall"}, {"secondary_labels": ["nocall"]}])
    outcome = drop_labels(table, ["nocall"])
    assert outcome.kept["primary_label"].to_list() == ["brant"]
    assert outcome.departures.select("reason", "detail").rows() == [
        ("excluded_label", "labelled nocall")
    ]


def test_clips_without_length_leave_before_anything_else_looks_at_them() -> None:
    table = recordings([{"start_s": 2.0, "end_s": 2.0}, {"start_s": 2.0, "end_s": 3.0}])
    merged = merge_catalogs([(catalog("a", role="target"), table)], MergeConfig())
    assert len(merged.target) == 1
    assert merged.departures["reason"].to_list() == ["empty_clip"]
