from __future__ import annotations

import time

import pytest

import tones
from oscine.audio import WindowReader
from oscine.augment import AugmentConfig
from oscine.train import timing
from oscine.train.timing import time_steps


@pytest.fixture
def job(tmp_path):
    return tones.job(tmp_path, n=4)


@pytest.fixture
def slow_reading(monkeypatch):
    """Every window takes 40 ms to read."""
    read = WindowReader.read

    def slowly(self, index, start_s=0.0):
        time.sleep(0.04)
        return read(self, index, start_s)

    monkeypatch.setattr(WindowReader, "read", slowly)


def test_a_few_steps_tell_what_a_step_a_window_and_an_epoch_take(job):
    told = time_steps(job, 1.0)
    assert 0 < told.step_s < 5
    assert 0 <= told.waiting_s <= told.step_s
    assert 0 < told.window_s < 1
    assert told.epoch_s >= 0
    assert told.start_s >= 0
    assert not told.scaled


def test_the_sizes_are_those_of_the_files_of_a_fit(job):
    told = time_steps(job, 0.1)
    # Four bytes a parameter; the checkpoint has the two moments of Adam as well.
    assert 4 * told.n_parameters <= told.weights_bytes < 5 * told.n_parameters
    assert 3 * 4 * told.n_parameters <= told.state_bytes < 4 * 4 * told.n_parameters


def test_a_step_that_takes_too_long_is_timed_on_a_smaller_batch_and_scaled(tmp_path, slow_reading):
    config = tones.fit_config(batch_size=64, augment=AugmentConfig())
    told = time_steps(tones.job(tmp_path, n=4, config=config), 0.01)
    assert told.scaled
    # 64 windows of 40 ms on two threads, or on one where the other waits for it.
    assert 0.5 * 64 * 0.02 < told.step_s < 64 * 0.04 * 2


def test_slow_reading_is_seen_as_waiting(job, slow_reading):
    told = time_steps(job, 1.0)
    # Eight windows of 40 ms on two threads take 0.16 s; computing takes part of it away.
    assert told.waiting_s > 0.02
    assert told.step_s > 0.1


def test_the_fit_that_is_timed_leaves_the_settings_of_tracking_and_initial_weights_alone(
    job, monkeypatch
):
    asked = []
    fit = timing.fit

    def watched(short):
        asked.append(short)
        return fit(short)

    monkeypatch.setattr(timing, "fit", watched)
    time_steps(job, 0.1)
    assert {one.model.pretrain for one in asked} == {"none"}
    assert not any(one.tracking.wandb or one.tracking.tensorboard for one in asked)
    assert all(one.folder.parent == job.folder for one in asked)
