from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscine.audio import epoch_order, weighted_order
from oscine.catalog import TrainingPart, inverse_power_weights
from oscine.train.config import SamplingConfig
from oscine.train.sampling import EpochSampler, resample
from unit.catalog.factories import recordings


def part(*rows):
    """A training part of (label, recording, recordist)."""
    schema = {"primary_label": pl.String, "xc_id": pl.String, "author": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


ROW = st.tuples(
    st.sampled_from("ab"), st.sampled_from(["XC1", "XC2", "XC3"]), st.sampled_from(["x", "y", None])
)
LIMIT = st.none() | st.integers(1, 4)
CONFIG = st.builds(
    SamplingConfig,
    weight_power=st.sampled_from([None, 0.0, 0.5, 1.0]),
    max_per_recording=LIMIT,
    max_per_recordist=LIMIT,
)


def most(table, order, column):
    """The most draws of one class that share a column's value; 0 where none is stated."""
    drawn = table[order.tolist()].drop_nulls(column)
    return max(Counter(drawn.select("primary_label", column).iter_rows()).values(), default=0)


@given(st.lists(ROW, min_size=1, max_size=40), CONFIG, st.integers(0, 2**20))
def test_no_epoch_hears_more_of_a_recording_or_a_recordist_than_its_cap(rows, config, seed):
    table = part(*rows)
    sampler = EpochSampler(table, config, seed)
    for epoch in range(3):
        order = sampler.order(epoch)
        assert most(table, order, "xc_id") <= (config.max_per_recording or len(rows))
        assert most(table, order, "author") <= (config.max_per_recordist or len(rows))


@given(st.lists(ROW, min_size=1, max_size=40), CONFIG, st.integers(0, 2**20))
def test_every_epoch_is_as_long_as_the_schedule_was_told(rows, config, seed):
    sampler = EpochSampler(part(*rows), config, seed)
    assert 1 <= len(sampler) <= len(rows)
    assert {len(sampler.order(epoch)) for epoch in range(4)} == {len(sampler)}


@given(st.lists(ROW, min_size=1, max_size=40), CONFIG, st.integers(0, 2**20))
def test_an_order_depends_on_seed_and_epoch_and_on_no_earlier_call(rows, config, seed):
    one, other = (EpochSampler(part(*rows), config, seed) for _ in range(2))
    one.order(0)
    assert np.array_equal(one.order(3), other.order(3))


@given(st.lists(ROW, min_size=1, max_size=40), LIMIT, LIMIT, st.integers(0, 2**20))
def test_a_shuffled_epoch_repeats_no_row_and_leaves_none_out_that_the_caps_allow(
    rows, recording, recordist, seed
):
    table = part(*rows)
    config = SamplingConfig(max_per_recording=recording, max_per_recordist=recordist)
    order = EpochSampler(table, config, seed).order(0)
    assert len(set(order.tolist())) == len(order)
    if recordist is None and recording is not None:
        counts = Counter(table.select("primary_label", "xc_id").iter_rows())
        assert len(order) == sum(min(n, recording) for n in counts.values())


@pytest.mark.parametrize("power", [None, 0.5])
def test_without_caps_an_epoch_is_the_plain_order(power):
    table = part(*[("a", f"XC{n}", "x") for n in range(30)], ("b", "XC99", "y"))
    order = EpochSampler(table, SamplingConfig(weight_power=power), seed=4).order(2)
    plain = (
        epoch_order(31, 4, 2)
        if power is None
        else weighted_order(inverse_power_weights(table["primary_label"], power), 31, 4, 2)
    )
    assert np.array_equal(order, plain)


def test_epochs_hear_other_clips_of_a_capped_recording_until_all_were_heard():
    table = part(*[("a", "XC1", "x")] * 12)
    sampler = EpochSampler(table, SamplingConfig(max_per_recording=3), seed=0)
    heard = {row for epoch in range(20) for row in sampler.order(epoch).tolist()}
    assert heard == set(range(12))


def test_clips_that_an_archive_numbers_are_one_recording():
    table = part(*[("a", f"XC7_{n}", None) for n in range(9)])
    assert len(EpochSampler(table, SamplingConfig(max_per_recording=2), seed=0)) == 2


def test_a_cap_counts_each_class_of_a_recordist_for_itself():
    table = part(*[(label, f"XC{label}{n}", "x") for label in "abc" for n in range(5)])
    assert len(EpochSampler(table, SamplingConfig(max_per_recordist=2), seed=0)) == 6


def test_a_recording_of_nobody_known_shares_its_recordist_with_no_other():
    table = part(*[("a", f"XC{n % 4}", None) for n in range(20)])
    assert len(EpochSampler(table, SamplingConfig(max_per_recordist=3), seed=0)) == 12


def test_spellings_of_a_recordist_are_one():
    table = part(("a", "XC1", "Ann  Lee"), ("a", "XC2", "ann lee "), ("a", "XC3", "Bo"))
    assert len(EpochSampler(table, SamplingConfig(max_per_recordist=1), seed=0)) == 2


def test_what_a_cap_refuses_is_drawn_from_the_rest_of_the_class_so_that_its_share_stays():
    """One recordist made nine tenths of a class: the others get what the cap takes."""
    rows = [("a", f"XC{n}", "busy" if n < 900 else f"p{n}") for n in range(1000)]
    table = part(*rows, *[("b", f"XC{n}", f"q{n}") for n in range(2000, 3000)])
    config = SamplingConfig(weight_power=0.5, max_per_recordist=20)
    order = EpochSampler(table, config, seed=1).order(0)
    labels = np.array(table["primary_label"].to_list())[order]
    # Both classes have one share; four standard deviations of 2,000 draws are 90.
    assert abs((labels == "a").sum() - 1000) < 90
    busy = np.array(table["author"].to_list())[order] == "busy"
    assert busy.sum() == 20


def test_a_class_that_is_full_leaves_its_share_to_the_others():
    table = part(("rare", "XC1", "x"), *[("common", f"XC{n}", f"p{n}") for n in range(2, 40)])
    config = SamplingConfig(weight_power=1.0, max_per_recording=2)
    order = EpochSampler(table, config, seed=0).order(0)
    assert len(order) == 39
    assert (order == 0).sum() == 2  # of 19.5 that its weight would give


def test_an_epoch_is_shorter_only_where_all_are_at_their_cap():
    table = part(*[("a", "XC1", "x")] * 10, *[("b", "XC2", "y")] * 10)
    config = SamplingConfig(weight_power=0.5, max_per_recording=4)
    order = EpochSampler(table, config, seed=0).order(0)
    assert len(order) == 8


def test_copies_that_upsampling_drew_count_as_their_recording():
    table = part(*[("a", f"XC{n % 3}", "x") for n in range(50)])
    assert len(EpochSampler(table, SamplingConfig(max_per_recording=5), seed=0)) == 15


@pytest.mark.parametrize(
    ("thresholds", "counts"),
    [
        ({"upsample": 5}, [5, 8]),
        ({"upsample": None, "downsample": 4}, [2, 4]),
        ({"upsample": 5, "downsample": 5}, [5, 5]),
        ({"upsample": None}, [2, 8]),
    ],
)
def test_the_training_part_is_filled_up_and_cut_down_as_the_recipe_says(thresholds, counts):
    table = recordings({"primary_label": label} for label in "a" * 2 + "b" * 8)
    part = resample(TrainingPart(table), SamplingConfig(**thresholds), seed=0)
    assert (
        part.table["primary_label"]
        .value_counts(sort=False)
        .sort("primary_label")["count"]
        .to_list()
        == counts
    )


def test_a_million_clips_are_capped_without_a_loop_over_them():
    random = np.random.default_rng(0)
    recording = random.integers(0, 100_000, 1_000_000)
    table = pl.DataFrame({"recording": recording}).select(
        primary_label=pl.format("s{}", pl.col("recording") % 500),
        xc_id=pl.format("XC{}", "recording"),
        author=pl.format("p{}", pl.col("recording") % 5_000),
    )
    config = SamplingConfig(max_per_recording=4, max_per_recordist=50)
    order = EpochSampler(table, config, seed=0).order(0)
    counts = table[order.tolist()].group_by("primary_label", "author").len()["len"]
    assert counts.max() == 50
