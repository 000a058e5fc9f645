"""Cross-validation without leaks."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import merge_pandas
from oscine.catalog import (
    FOLDS,
    CatalogConfig,
    FoldConfig,
    audit_leaks,
    check,
    make_folds,
    read_catalog,
    split,
    unseen_classes,
)
from oscine.config import parse
from oscine.core import CatalogError, ConfigError
from unit.catalog.factories import recordings, shuffled, tables

LOOSE = FoldConfig(n_folds=3, cv_filter=0)
PROPERTY = settings(max_examples=40, deadline=None)


def folds_or_none(
    table: pl.DataFrame, config: FoldConfig, clusters: pl.DataFrame | None = None
) -> pl.DataFrame | None:
    try:
        return make_folds(table, config, 1, clusters)
    except CatalogError:
        return None


@given(table=tables(max_size=60), cv_filter=st.integers(0, 8))
@PROPERTY
def test_groups_are_never_on_both_sides(table: pl.DataFrame, cv_filter: int) -> None:
    config = FoldConfig(n_folds=3, cv_filter=cv_filter)
    folds = folds_or_none(table, config)
    if folds is not None:
        leaks = audit_leaks(table, folds, config)
        assert all(key["leaks"] == 0 for key in leaks.values())
        assert folds.group_by("group").agg(pl.col("fold").n_unique())["fold"].max() == 1


@given(table=tables(max_size=40), seed=st.integers(0, 99))
@PROPERTY
def test_the_order_of_the_rows_does_not_matter(table: pl.DataFrame, seed: int) -> None:
    folds = folds_or_none(table, LOOSE)
    other = folds_or_none(shuffled(table, seed), LOOSE)
    if folds is None:
        assert other is None
    else:
        assert other is not None
        assert folds.sort("recording_id").equals(other.sort("recording_id"))


@given(table=tables(max_size=60), cv_filter=st.integers(0, 8))
@PROPERTY
def test_every_row_has_one_fold_and_rare_classes_have_none(
    table: pl.DataFrame, cv_filter: int
) -> None:
    folds = folds_or_none(table, FoldConfig(n_folds=3, cv_filter=cv_filter))
    if folds is not None:
        assert folds["recording_id"].equals(table["recording_id"])
        assert folds["fold"].is_in([-1, 0, 1, 2]).all()
        counts = table.select(pl.len().over("primary_label")).to_series()
        assert not folds.filter(counts < cv_filter)["cv"].any()


@given(table=tables(max_size=60), threshold=st.integers(0, 8))
@PROPERTY
def test_the_filter_agrees_with_pandas(table: pl.DataFrame, threshold: int) -> None:
    folds = folds_or_none(table, FoldConfig(n_folds=3, cv_filter=threshold, naive=True))
    # A class of one row could be validated or trained, not both: it is always in training.
    flags = merge_pandas.cv_flags(table.select("primary_label").to_pandas(), max(threshold, 2))
    if folds is None:
        assert not flags.any()
    else:
        assert folds["cv"].to_list() == flags.to_list()


@given(table=tables(max_size=60), cv_filter=st.integers(0, 8))
@PROPERTY
def test_whatever_shares_a_group_with_a_rare_class_is_always_in_training(
    table: pl.DataFrame, cv_filter: int
) -> None:
    folds = folds_or_none(table, FoldConfig(n_folds=3, cv_filter=cv_filter))
    if folds is not None:
        joined = table.join(folds, on="recording_id")
        held = joined.filter(pl.col("fold") == -1)["group"].unique().implode()
        assert (joined.filter(pl.col("group").is_in(held))["fold"] == -1).all()


@given(table=tables(max_size=60))
@PROPERTY
def test_the_same_seed_deals_the_same(table: pl.DataFrame) -> None:
    folds = folds_or_none(table, LOOSE)
    if folds is not None:
        assert folds.equals(make_folds(table, LOOSE, 1))


@given(table=tables(min_size=1, max_size=60))
@PROPERTY
def test_secondary_labels_that_are_no_class_change_nothing(table: pl.DataFrame) -> None:
    classes = table["primary_label"].unique().to_list()
    known = table.with_columns(pl.col("secondary_labels").list.set_intersection(classes))
    one, other = folds_or_none(table, LOOSE), folds_or_none(known, LOOSE)
    assert (one is None) == (other is None)
    assert one is None or one.equals(other)


@given(table=tables(max_size=60))
@PROPERTY
def test_secondary_labels_do_not_decide_what_is_validated(table: pl.DataFrame) -> None:
    bare = table.with_columns(secondary_labels=pl.lit([], dtype=pl.List(pl.String)))
    one, other = folds_or_none(table, LOOSE), folds_or_none(bare, LOOSE)
    assert (one is None) == (other is None)
    assert one is None or one["cv"].equals(other["cv"])


@given(table=tables(max_size=60), cv_filter=st.integers(0, 8))
@PROPERTY
def test_every_validated_class_is_trained_in_a_naive_split(
    table: pl.DataFrame, cv_filter: int
) -> None:
    folds = folds_or_none(table, FoldConfig(n_folds=3, cv_filter=cv_filter, naive=True))
    if folds is not None:
        assert unseen_classes(table, folds) == {}


def many(n_rows: int, n_recordists: int, n_classes: int) -> pl.DataFrame:
    return recordings(
        {
            "primary_label": f"s{row % n_classes}",
            "author": f"r{(row * row) % n_recordists}" if n_recordists else None,
        }
        for row in range(n_rows)
    )


def test_the_folds_keep_their_contract_and_order() -> None:
    table = shuffled(many(200, 50, 4), 3)
    folds = make_folds(table, FoldConfig(), 42)
    check(folds, FOLDS)
    assert folds["recording_id"].equals(table["recording_id"])
    assert folds["cv"].equals(folds["fold"] >= 0)


def test_the_seed_decides_ties() -> None:
    table = many(100, 0, 3)
    assert make_folds(table, LOOSE, 1).equals(make_folds(table, LOOSE, 1))
    assert not make_folds(table, LOOSE, 1).equals(make_folds(table, LOOSE, 2))


def test_unknown_recordists_are_not_one_group() -> None:
    folds = make_folds(many(100, 0, 2), FoldConfig(), 1)
    assert folds["group"].n_unique() == 100
    assert folds["fold"].value_counts()["count"].to_list() == [20] * 5


def test_rare_classes_are_always_in_training_with_their_groups() -> None:
    common = [{"author": f"r{row}"} for row in range(20)]
    rare = {"primary_label": "gadwal", "author": "r3"}
    folds = make_folds(recordings([*common, rare]), FoldConfig(), 1)
    held = folds.filter(~pl.col("cv"))["recording_id"].to_list()
    assert held == ["a/brant/3-XC4.ogg", "a/gadwal/20-XC21.ogg"]


def test_a_class_of_one_single_group_is_always_in_training() -> None:
    common = [{"author": f"r{row}"} for row in range(20)]
    lone = [{"primary_label": "gadwal", "author": "Ann"}] * 9
    folds = make_folds(recordings([*common, *lone]), FoldConfig(), 1)
    assert folds["cv"].to_list() == [True] * 20 + [False] * 9


def test_clusters_keep_twins_together() -> None:
    table = many(60, 0, 2)
    twins = table["recording_id"].gather([0, 1, 2, 3])
    clusters = pl.DataFrame({"recording_id": twins, "cluster": ["x", "x", "y", "y"]})
    fold = make_folds(table, FoldConfig(), 1, clusters)["fold"]
    assert (fold[0], fold[2]) == (fold[1], fold[3])


def test_nothing_to_validate_is_an_error_with_a_way_out() -> None:
    with pytest.raises(CatalogError, match="lower cv_filter"):
        make_folds(recordings([{}, {}]), FoldConfig(), 1)


@pytest.mark.parametrize("selected", [[5], [-1], [0, 0], []])
def test_selected_folds_must_exist(selected: list[int]) -> None:
    with pytest.raises(ConfigError, match="selected"):
        parse(FoldConfig, {"selected": selected})


def test_a_split_has_every_row_on_one_side() -> None:
    table = many(100, 30, 4)
    folds = make_folds(table, FoldConfig(), 1)
    parts = split(table, folds, 2)
    assert len(parts.training.table) + len(parts.validation) == 100
    assert not set(parts.training.table["recording_id"]) & set(parts.validation["recording_id"])
    assert parts.training.held_out == set(parts.validation["recording_id"])
    assert parts.validation.columns == table.columns


def test_a_recording_without_fold_is_an_error() -> None:
    table = many(100, 30, 4)
    folds = make_folds(table, FoldConfig(), 1)
    with pytest.raises(CatalogError, match="1 recordings have no fold"):
        split(table, folds.head(99), 0)


def test_the_filter_agrees_with_pandas_on_the_real_2023_table(real_data: Path) -> None:
    path = real_data / "catalogs" / "2023"
    config = CatalogConfig(
        name="b23", source="birdclef2023", path=path, role="target", audio_required=False
    )
    table = read_catalog(config)
    folds = make_folds(table, FoldConfig(naive=True), 42)
    theirs = merge_pandas.cv_flags(merge_pandas.read_year(path / "train_metadata.csv", "", ""), 5)
    assert folds["cv"].to_list() == theirs.to_list()


def test_secondary_labels_of_the_real_2023_table_are_spread_evenly(real_data: Path) -> None:
    config = CatalogConfig(
        name="b23",
        source="birdclef2023",
        path=real_data / "catalogs" / "2023",
        role="target",
        audio_required=False,
    )
    table = read_catalog(config)
    bare = table.with_columns(secondary_labels=pl.lit([], dtype=pl.List(pl.String)))
    by_recording = FoldConfig(group_by=("recording",))
    before, after = (unevenness(table, make_folds(t, by_recording, 42)) for t in (bare, table))
    assert after["primary_label"] <= 1.01 * before["primary_label"]
    assert after["secondary_labels"] < 0.3 * before["secondary_labels"]


def unevenness(table: pl.DataFrame, folds: pl.DataFrame, n_folds: int = 5) -> dict[str, float]:
    """Mean over the classes of the coefficient of variation of their rows in each fold."""
    joined = table.join(folds.filter("cv"), on="recording_id")
    classes = table["primary_label"].unique().to_list()
    result = {}
    for column in ("primary_label", "secondary_labels"):
        labels = joined.select("fold", label=column)
        labels = labels.explode("label") if column == "secondary_labels" else labels
        wide = (
            labels.filter(pl.col("label").is_in(classes))
            .pivot("fold", index="label", values="fold", aggregate_function="len")
            .drop("label")
            .fill_null(0)
            .to_numpy()
        )
        counts = wide[wide.sum(axis=1) >= n_folds]
        result[column] = float((counts.std(axis=1) / counts.mean(axis=1)).mean())
    return result


def test_the_real_2023_table_has_no_leaks_when_grouped_and_many_when_naive(
    real_data: Path,
) -> None:
    config = CatalogConfig(
        name="b23",
        source="birdclef2023",
        path=real_data / "catalogs" / "2023",
        role="target",
        audio_required=False,
    )
    table = read_catalog(config)
    naive = FoldConfig(naive=True)
    assert audit_leaks(table, make_folds(table, naive, 42), naive)["recordist"]["leaks"] > 500
    grouped = FoldConfig()
    folds = make_folds(table, grouped, 42)
    assert audit_leaks(table, folds, grouped)["recordist"]["leaks"] == 0
    assert unseen_classes(table, folds) == {}
