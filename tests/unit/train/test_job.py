from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

import tones
from oscine.audio import AudioConfig
from oscine.catalog import class_list
from oscine.features import resolve
from oscine.train.config import DeviceConfig, TrackingConfig


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return tones.job(tmp_path_factory.mktemp("job"), n=4)


@pytest.fixture
def earlier(tmp_path):
    """Gives the folder of an earlier fit with some weights."""

    def make(name, weights):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "weights.safetensors").write_bytes(weights)
        return folder

    return make


def test_a_job_is_called_by_its_stage_and_fold(job):
    assert replace(job, stage="baseline", fold=3).what == "baseline fold 3"


def test_a_job_cannot_be_changed_while_it_runs(job):
    with pytest.raises(FrozenInstanceError):
        job.seed = 3


CHANGES = {
    "stage": lambda job: {"stage": "baseline"},
    "fold": lambda job: {"fold": 1},
    "seed": lambda job: {"seed": 8},
    "recordings": lambda job: {"training": job.training.head(5)},
    "order of the recordings": lambda job: {"training": job.training.reverse()},
    "classes": lambda job: {
        "classes": class_list(job.training.filter(job.training["primary_label"] != "low"))
    },
    "front end": lambda job: {"spec": resolve(tones.FEATURES, tones.SAMPLE_RATE, 2.0)},
    "model": lambda job: {"model": job.model.model_copy(update={"dropout": 0.5})},
    "settings": lambda job: {"config": tones.fit_config(epochs=9)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_the_steps_depend_on_is_in_the_fingerprint(job, change):
    assert replace(job, **change(job)).fingerprint() != job.fingerprint()


NO_CHANGES = {
    "folder": lambda job: {"folder": job.folder.parent / "elsewhere"},
    "threads": lambda job: {"workers": 1},
    "trackers": lambda job: {"tracking": TrackingConfig(wandb=True), "group": "x"},
    "how often it is saved": lambda job: {
        "config": job.config.model_copy(update={"checkpoint_every_s": 77.0})
    },
    "where the reader's cache stands": lambda job: {
        "training_reader": tones.reader(
            job.training, AudioConfig(sample_rate=8000, window_s=1.0, cache_folder="x")
        )
    },
}


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_they_do_not_depend_on_is_not(job, change):
    assert replace(job, **change(job)).fingerprint() == job.fingerprint()


def test_two_devices_with_half_the_batch_each_do_the_same(job):
    halves = replace(job, config=tones.fit_config(batch_size=4), devices=DeviceConfig(count=2))
    assert halves.fingerprint(2) == job.fingerprint()
    assert job.fingerprint(2) != job.fingerprint()


def test_a_fit_knows_the_weights_that_it_starts_from_and_not_their_place(job, earlier):
    one, moved, other = earlier("one", b"a"), earlier("moved", b"a"), earlier("other", b"b")
    first = replace(job, initial=one).fingerprint()
    assert replace(job, initial=moved).fingerprint() == first
    assert replace(job, initial=other).fingerprint() != first
    assert first != job.fingerprint()
