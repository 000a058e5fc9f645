"""Resampling the training part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oracles import merge_pandas
from oscine.catalog import (
    CatalogConfig,
    FoldConfig,
    TrainingPart,
    downsample,
    inverse_power_weights,
    make_folds,
    read_catalog,
    resampled_counts,
    split,
    upsample,
)
from oscine.core import LeakError
from unit.catalog.factories import recordings, shuffled, tables

PROPERTY = settings(max_examples=30, deadline=None)
THRESHOLDS = st.integers(1, 12)


def counts(table: pl.DataFrame) -> dict[str, int]:
    return dict(table["primary_label"].value_counts().iter_rows())


@given(table=tables(), threshold=THRESHOLDS)
@PROPERTY
def test_upsample_never_invents_a_row_or_a_label(table: pl.DataFrame, threshold: int) -> None:
    after = upsample(TrainingPart(table), threshold, 1).table
    assert after.head(len(table)).equals(table)
    pairs = ["recording_id", "primary_label"]
    assert set(after.select(pairs).iter_rows()) == set(table.select(pairs).iter_rows())
    assert counts(after) == {label: max(count, threshold) for label, count in counts(table).items()}


@given(table=tables(), threshold=THRESHOLDS)
@PROPERTY
def test_downsample_keeps_rows_in_order_and_small_classes_whole(
    table: pl.DataFrame, threshold: int
) -> None:
    after = downsample(TrainingPart(table), threshold, 1).table
    kept = set(after["recording_id"])
    assert after.equals(table.filter(pl.col("recording_id").is_in(kept)))
    assert counts(after) == {label: min(count, threshold) for label, count in counts(table).items()}


@given(table=tables(), up=st.none() | THRESHOLDS, down=st.none() | THRESHOLDS)
@PROPERTY
def test_counts_are_told_as_the_draws_leave_them(
    table: pl.DataFrame, up: int | None, down: int | None
) -> None:
    part = TrainingPart(table)
    part = part if up is None else upsample(part, up, 1)
    part = part if down is None else downsample(part, down, 1)
    before = counts(table)
    told = resampled_counts(list(before.values()), up, down)
    assert dict(zip(before, told.tolist(), strict=True)) == counts(part.table)


@given(table=tables(), threshold=THRESHOLDS, seed=st.integers(0, 99))
@PROPERTY
def test_the_draws_do_not_depend_on_the_order_of_the_rows(
    table: pl.DataFrame, threshold: int, seed: int
) -> None:
    one, other = TrainingPart(table), TrainingPart(shuffled(table, seed))
    drawn = [upsample(part, threshold, 1).table["recording_id"].sort() for part in (one, other)]
    assert drawn[0].equals(drawn[1])


@given(table=tables(max_size=60), threshold=THRESHOLDS, seed=st.integers(0, 99))
@PROPERTY
def test_downsample_keeps_the_same_rows_in_whatever_order_they_come(
    table: pl.DataFrame, threshold: int, seed: int
) -> None:
    one = downsample(TrainingPart(table), threshold, 1).table["recording_id"]
    other = downsample(TrainingPart(shuffled(table, seed)), threshold, 1).table["recording_id"]
    assert sorted(one) == sorted(other)


@given(table=tables(max_size=60), threshold=THRESHOLDS)
@PROPERTY
def test_downsample_draws_without_replacement(table: pl.DataFrame, threshold: int) -> None:
    assert downsample(TrainingPart(table), threshold, 1).table["recording_id"].is_unique().all()


@given(table=tables(min_size=1, max_size=60), up=THRESHOLDS, down=THRESHOLDS)
@PROPERTY
def test_the_long_tail_agrees_with_pandas(table: pl.DataFrame, up: int, down: int) -> None:
    """Draws differ; the counts of each class and the rows of classes without a draw may not."""
    ours = downsample(upsample(TrainingPart(table), up, 1), down, 1).table
    frame = table.select("recording_id", "primary_label").to_pandas()
    theirs = merge_pandas.downsample(merge_pandas.upsample(frame, up, 1), down, 1)
    assert counts(ours) == theirs["primary_label"].value_counts().to_dict()
    for label, count in counts(table).items():
        if up <= count <= down:
            kept = theirs.loc[theirs["primary_label"] == label, "recording_id"]
            assert ours.filter(primary_label=label)["recording_id"].to_list() == kept.to_list()


@given(table=tables(min_size=12, max_size=60), up=THRESHOLDS, down=THRESHOLDS)
@PROPERTY
def test_no_row_that_is_validated_is_ever_drawn(table: pl.DataFrame, up: int, down: int) -> None:
    config = FoldConfig(n_folds=2, cv_filter=0, naive=True)
    assume(table["primary_label"].is_duplicated().any())
    for fold in range(2):
        folds = make_folds(table, config, 1)
        assume((folds["fold"] == fold).any())
        sides = split(table, folds, fold)
        drawn = downsample(upsample(sides.training, up, 1), down, 1)
        assert not set(drawn.table["recording_id"]) & set(sides.validation["recording_id"])
        assert drawn.held_out == set(sides.validation["recording_id"])


def test_another_seed_draws_other_rows() -> None:
    part = TrainingPart(recordings([{}] * 50))
    assert not downsample(part, 20, 1).table.equals(downsample(part, 20, 2).table)
    assert downsample(part, 20, 1).table.equals(downsample(part, 20, 1).table)


@pytest.mark.parametrize("resample", [upsample, downsample])
def test_a_plain_table_is_never_resampled(resample) -> None:
    with pytest.raises(TypeError, match="only a TrainingPart is resampled, not a DataFrame"):
        resample(recordings([{}]), 5, 1)


def test_a_training_part_cannot_hold_a_validation_row() -> None:
    table = recordings([{}, {}])
    with pytest.raises(LeakError, match="1 validation rows"):
        TrainingPart(table, frozenset({"a/brant/1-XC2.ogg"}))


@pytest.mark.parametrize(("up", "down"), [(50, 500), (50, 10_000), (1, 100)])
def test_counts_per_class_agree_with_pandas_on_the_real_table(
    up: int, down: int, real_data: Path
) -> None:
    path = real_data / "catalogs" / "2023"
    config = CatalogConfig(
        name="b23", source="birdclef2023", path=path, role="target", audio_required=False
    )
    ours = downsample(upsample(TrainingPart(read_catalog(config)), up, 42), down, 42).table
    theirs = merge_pandas.read_year(path / "train_metadata.csv", "", "")
    theirs = merge_pandas.downsample(merge_pandas.upsample(theirs, up, 42), down, 42)
    assert counts(ours) == theirs["primary_label"].value_counts().to_dict()


@given(
    labels=st.lists(st.sampled_from("abcde"), min_size=1, max_size=80), power=st.floats(0.0, 1.5)
)
@PROPERTY
def test_weights_are_the_inverse_power_of_the_counts_over_their_sum(
    labels: list[str], power: float
) -> None:
    count = pd.Series(labels).map(pd.Series(labels).value_counts()).to_numpy(dtype=float)
    weights = inverse_power_weights(labels, power)
    # Exact but for rounding in double precision.
    np.testing.assert_allclose(weights, count**-power / (count**-power).sum(), rtol=1e-12)
    by_class = pd.Series(weights).groupby(labels).sum()
    totals = pd.Series(labels).value_counts() ** (1.0 - power)
    np.testing.assert_allclose(by_class, (totals / totals.sum())[by_class.index], rtol=1e-12)


@pytest.mark.parametrize(("power", "ratio"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.25)])
def test_weights_fall_with_the_power_of_the_count(power: float, ratio: float) -> None:
    weights = inverse_power_weights(["a"] * 4 + ["b"], power)
    # Exact but for rounding in double precision.
    np.testing.assert_allclose(weights[0] / weights[4], ratio, rtol=1e-12)
    np.testing.assert_allclose(weights.sum(), 1.0, rtol=1e-12)
