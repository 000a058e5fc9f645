from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import torch

import tones
from oscine.core import TrainingError
from oscine.evaluate import METRICS, EvaluateConfig
from oscine.train.validation import Validator

CODES = ("high", "low", "mid")


class Listener:
    """Stands in for a trained module: tells the loudest of the three pitches by its zero crossings.

    Args:
        sure: The score of the class that it hears; the others share the rest.
    """

    def __init__(self, sure=0.8):
        self.sure = sure
        self.model = torch.nn.Linear(1, 1)
        self.windows = 0
        self.modes = []

    def score(self, waveforms):
        self.modes.append(self.model.training)
        self.windows += len(waveforms)
        signs = np.signbit(waveforms.numpy())
        pitch_hz = (signs[:, 1:] != signs[:, :-1]).mean(axis=1) * tones.SAMPLE_RATE / 2
        heard = [
            min(CODES, key=lambda code: abs(tones.PITCHES_HZ[code] - value)) for value in pitch_hz
        ]
        scores = np.full((len(heard), 3), (1 - self.sure) / 2, dtype=np.float32)
        scores[np.arange(len(heard)), [CODES.index(code) for code in heard]] = self.sure
        return scores


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return tones.job(tmp_path_factory.mktemp("validation"), n=8)


@pytest.fixture
def broken(job):
    """The job with a validation recording whose file vanished."""
    clips = tones.reader(job.validation)
    clips.clips[1] = replace(clips.clips[1], filepath="vanished.wav")
    return replace(job, validation_reader=clips)


def test_every_recording_is_scored_in_the_order_of_the_table(job):
    scores, readable = Validator(job).scores(Listener())
    labels = [CODES[place] for place in scores.argmax(axis=1)]
    assert labels == job.validation["primary_label"].to_list()
    assert readable.all()


def test_scores_of_a_recording_are_the_mean_over_its_windows(job):
    class Counter(Listener):
        def score(self, waveforms):
            before = self.windows
            super().score(waveforms)
            numbers = np.arange(before, self.windows, dtype=np.float32)
            return np.repeat(numbers[:, None], 3, axis=1)

    validator = Validator(replace(job, evaluation=EvaluateConfig(tta=3)))
    counter = Counter()
    scores, _ = validator.scores(counter)
    rows = validator.batches.rows
    assert counter.windows == len(rows) > len(job.validation)
    expected = [np.flatnonzero(rows == row).mean() for row in range(len(job.validation))]
    assert scores[:, 0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_scored_in_evaluation_mode_and_left_as_it_was(job, training):
    listener = Listener()
    listener.model.train(training)
    Validator(job).scores(listener)
    assert set(listener.modes) == {False}
    assert listener.model.training is training


def test_metrics_of_an_epoch_are_the_loss_and_all_of_the_evaluation(job):
    metrics = Validator(job).metrics(Listener())
    assert list(metrics) == ["val_loss", *METRICS]
    assert metrics["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("softmax", -np.log(0.8)),
        ("sigmoid", -(np.log(0.8) + 2 * np.log(0.9)) / 3),
    ],
)
def test_the_loss_is_the_mean_cross_entropy_of_the_scores(job, activation, expected):
    changed = replace(job, model=job.model.model_copy(update={"final_activation": activation}))
    loss = Validator(changed).metrics(Listener())["val_loss"]
    assert loss == pytest.approx(expected, rel=1e-6)  # scores are float32


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_loss_stays_finite_where_a_score_is_zero_or_one(job, activation):
    changed = replace(job, model=job.model.model_copy(update={"final_activation": activation}))
    assert np.isfinite(Validator(changed).metrics(Listener(sure=1.0))["val_loss"])
    assert np.isfinite(Validator(changed).metrics(Listener(sure=0.0))["val_loss"])


def test_a_recording_that_cannot_be_read_is_no_row_of_the_metrics(broken):
    """Scored as silence it would count as a mistake of the model."""
    _, readable = Validator(broken).scores(Listener())
    assert np.flatnonzero(~readable).tolist() == [1]
    assert Validator(broken).metrics(Listener())["accuracy"] == 1.0


def test_a_recording_that_cannot_be_read_is_not_in_the_out_of_fold_table(broken, tmp_path):
    job = replace(broken, folder=tmp_path)
    Validator(job).write_out_of_fold(Listener())
    table = pl.read_parquet(tmp_path / "out_of_fold.parquet")
    ids = job.validation["recording_id"].to_list()
    assert table["recording_id"].to_list() == [ids[0], *ids[2:]]


def test_if_nothing_can_be_read_there_is_no_loss(job):
    reader = tones.reader(job.validation)
    reader.clips = [replace(clip, filepath="vanished.wav") for clip in reader.clips]
    assert Validator(replace(job, validation_reader=reader)).metrics(Listener()) == {
        "val_loss": None
    }


def test_the_out_of_fold_table_has_the_fold_the_scores_and_what_the_recipe_keeps(job, tmp_path):
    evaluation = EvaluateConfig(keep_columns=("filename", "xc_id"))
    Validator(replace(job, fold=3, folder=tmp_path, evaluation=evaluation)).write_out_of_fold(
        Listener()
    )
    table = pl.read_parquet(tmp_path / "out_of_fold.parquet")
    assert set(table["fold"]) == {3}
    assert table.columns[-3:] == ["xc_id", "fold", "scores"]
    assert table["scores"].dtype == pl.List(pl.Float32)


def test_a_column_to_keep_that_is_not_there_is_a_typed_error(job, tmp_path):
    asked = SimpleNamespace(keep_columns=("nonsense",), tta=1, batch_multiplier=1)
    with pytest.raises(TrainingError, match=r"no column 'nonsense'.*recording_id"):
        Validator(replace(job, folder=tmp_path, evaluation=asked)).write_out_of_fold(Listener())
