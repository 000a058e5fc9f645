import tracemalloc

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tones
from oscine.catalog import class_list
from oscine.model.config import LossConfig
from oscine.train.config import SamplingConfig
from oscine.train.data import (
    EvaluationBatches,
    TrainingBatches,
    spread_starts,
)
from oscine.train.sampling import EpochSampler
from oscine.train.targets import make_targets
from oscine.train.world import ALONE, World


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return tones.recordings(tmp_path_factory.mktemp("tones"), 7)


def batches(table, *, drop_remainder=True, batch_size=4, reader=None, workers=2, **change):
    place = {name: change.pop(name) for name in ("world", "group") if name in change}
    targets, masked = make_targets(table, class_list(table), LossConfig())
    return TrainingBatches(
        reader or tones.reader(table),
        targets,
        masked,
        sampler=EpochSampler(table, SamplingConfig(**change), seed=5),
        seed=5,
        batch_size=batch_size,
        drop_remainder=drop_remainder,
        workers=workers,
        **place,
    )


def test_an_epoch_hears_every_recording_once(table):
    stream = batches(table, drop_remainder=False).epoch(0, 0, "test")
    targets = np.concatenate([batch.targets.numpy() for batch in stream])
    assert targets.sum(axis=0).tolist() == [7, 7, 7]


def test_the_remainder_is_dropped_only_when_asked(table):
    assert len(batches(table).epoch(0, 0, "test")) == 5
    kept = list(batches(table, drop_remainder=False).epoch(0, 0, "test"))
    assert [len(batch.positions) for batch in kept] == [4, 4, 4, 4, 4, 1]


def test_a_part_smaller_than_a_batch_is_not_dropped(table):
    (only,) = batches(table.head(3), batch_size=8).epoch(0, 0, "test")
    assert len(only.positions) == 3


def test_caps_shorten_the_epoch_that_the_schedule_counts(table):
    capped = table.with_columns(author=pl.lit("one"))
    source = batches(capped, max_per_recordist=3)
    assert source.n_batches == 2  # nine clips of three classes, in fours
    assert len(source.order(0)) == 8


def test_an_epoch_entered_in_the_middle_goes_on_with_the_same_batches(table):
    source = batches(table)
    whole = list(source.epoch(3, 0, "test"))
    rest = list(source.epoch(3, 2, "test"))
    assert [batch.number for batch in rest] == [2, 3, 4]
    for late, early in zip(rest, whole[2:], strict=True):
        assert late.positions == early.positions
        assert np.array_equal(late.waveforms.numpy(), early.waveforms.numpy())


def test_batches_do_not_depend_on_the_number_of_threads(table):
    one = [batch.waveforms.numpy() for batch in batches(table, workers=1).epoch(1, 0, "t")]
    many = [batch.waveforms.numpy() for batch in batches(table, workers=5).epoch(1, 0, "t")]
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))


def test_other_epochs_have_another_order_and_other_windows(table):
    source = batches(table)
    first, second = next(iter(source.epoch(0, 0, "t"))), next(iter(source.epoch(1, 0, "t")))
    assert not np.array_equal(source.order(0), source.order(1))
    assert not np.array_equal(first.waveforms.numpy(), second.waveforms.numpy())


TWO = [World(rank=rank, size=2, local_rank=rank, local_size=2) for rank in range(2)]


@pytest.mark.parametrize("group", [1, 2, 4])
def test_two_processes_read_the_halves_of_the_batches_of_one(table, group):
    """Of the last batch there are five clips; no group of them is parted."""
    settings = {"batch_size": 8, "drop_remainder": False, "group": group}
    whole = list(batches(table, **settings).epoch(1, 1, "t"))
    halves = [list(batches(table, world=world, **settings).epoch(1, 1, "t")) for world in TWO]
    for one, first, second in zip(whole, *halves, strict=True):
        assert first.positions + second.positions == one.positions
        assert not second.positions or second.positions[0] % group == 0
        for name in ("waveforms", "targets", "masked", "readable"):
            joined = np.concatenate([getattr(half, name).numpy() for half in (first, second)])
            assert np.array_equal(joined, getattr(one, name).numpy())
        assert first.n_clips == second.n_clips == len(one.positions) == one.n_clips


def test_a_process_may_have_nothing_of_the_last_batch(table):
    made = batches(table.head(9), batch_size=8, drop_remainder=False, world=TWO[0])
    *_, last = made.epoch(0, 0, "t")
    assert last.n_clips == 1
    assert last.waveforms.shape == (0, 8000)
    assert last.readable.dtype == torch.bool


def test_two_processes_score_each_window_once(table):
    reader = tones.reader(table)
    one, *halves = (list(EvaluationBatches(reader, 3, 4, "t", 2, world)) for world in (ALONE, *TWO))
    both = [waveforms for half in halves for waveforms, _ in half]
    assert all(torch.equal(a, b) for (a, _), b in zip(one, both, strict=True))


def test_windows_come_from_all_of_a_recording_not_only_its_start(table):
    """In the reference recipe only the first window was ever seen in training."""
    reader = tones.reader(table)
    longest = int(np.argmax([clip.length_s for clip in reader.clips]))
    starts = [reader.training_start(longest, 0, epoch, 0) for epoch in range(50)]
    assert min(starts) < 0.2 * max(starts)
    assert max(starts) > 0.5 * (reader.clips[longest].length_s - 1.0)


def test_a_vanished_file_is_a_row_to_leave_out_and_the_epoch_goes_on(table, tmp_path):
    reader = tones.reader(table)
    reader.clips[2] = type(reader.clips[2])(str(tmp_path / "gone.wav"), 1.0)
    source = batches(table, reader=reader, drop_remainder=False)
    readable = np.concatenate([batch.readable.numpy() for batch in source.epoch(0, 0, "t")])
    assert (~readable).sum() == 1
    assert [finding.index for finding in reader.findings] == [2]


def test_evaluation_drops_nothing(table):
    """In the reference recipe drop_remainder also dropped validation rows."""
    stream = EvaluationBatches(tones.reader(table), tta=2, batch_size=4, what="t", workers=2)
    n = sum(len(readable) for _, readable in stream)
    assert n == len(stream.rows)
    assert set(stream.rows.tolist()) == set(range(21))


@given(st.floats(0.1, 100), st.floats(0.1, 20), st.integers(1, 9))
def test_spread_windows_stay_inside_the_clip(length_s, window_s, n):
    starts = spread_starts(length_s, window_s, n)
    assert 1 <= len(starts) <= n
    assert starts[0] == 0.0
    assert starts[-1] <= max(0.0, length_s - window_s)


def held_by_epochs(table, n_epochs):
    """Give the greatest memory of NumPy and Python in each epoch, bytes."""
    source = batches(table)
    tracemalloc.start()
    peaks = []
    for epoch in range(n_epochs):
        tracemalloc.reset_peak()
        for _ in source.epoch(epoch, 0, "test"):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    return peaks


def test_epochs_hold_a_few_batches_however_many_rows_and_epochs_there_are(table):
    window = tones.SAMPLE_RATE * 4  # a second of float32
    few = held_by_epochs(table, 1)
    many = held_by_epochs(pl.concat([table] * 20), 3)
    # Kept windows would be 420 an epoch; how far threads are ahead is up to 16, with their buffers.
    assert max(many) < few[0] + 60 * window
    assert many[2] < many[0] + 60 * window
