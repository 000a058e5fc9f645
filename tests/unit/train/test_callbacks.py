"""The keeper alone, driven by hand: what each epoch and step leaves on disk."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

import tones
from oscine.augment.augmenter import Augmenter
from oscine.core import TrainingError
from oscine.train.callbacks import Keeper
from oscine.train.checkpoint import Progress, read_progress
from oscine.train.config import OptimizerConfig
from oscine.train.module import FitModule

CLASSES = 3


class Drive:
    """A fit of which every step only adds one to each weight.

    Args:
        folder: The fit's folder.
        values: What the monitored metric is after each epoch.
        batches: Batches of an epoch.
        scaler: Scales the loss of float16.
        settings: Of the fit.
    """

    def __init__(self, folder, values=(), batches=4, scaler=None, **settings):
        self.values = list(values)
        self.batches = batches
        spec = tones.job(folder / "tones", n=2).spec
        model = torch.nn.Linear(2, CLASSES)
        torch.nn.init.zeros_(model.weight)
        self.module = FitModule(
            model,
            spec,
            config := tones.fit_config(monitor="cmap", **settings),
            augmenter=Augmenter(config.augment, spec.sample_rate),
            seed=0,
            final_activation="softmax",
            steps_per_epoch=batches,
        )
        self.trainer = SimpleNamespace(
            optimizers=[torch.optim.SGD(model.parameters(), lr=0.25)],
            loggers=[],
            is_last_batch=False,
            is_global_zero=True,
            should_stop=False,
            precision_plugin=SimpleNamespace(scaler=scaler),
            train_dataloader=SimpleNamespace(
                n_readable=1, wait_s=0.0, read_s=2.0, close=lambda: None
            ),
        )
        self.module._trainer = self.trainer
        self.saved = []
        self.progress = Progress(fingerprint="this fit")
        validate = self._validate if self.values else None
        self.keeper = Keeper(folder, self.progress, validate, "toy")
        self.keeper._save = self._spy(self.keeper._save)
        self.keeper.on_train_start(self.trainer, self.module)

    def _validate(self, module):
        return {"val_loss": 0.5, "cmap": self.values[self.progress.epoch]}

    def _spy(self, save):
        def spied(trainer, module):
            self.saved.append((self.progress.epoch, self.progress.batch))
            save(trainer, module)

        return spied

    def epoch(self, losses=None):
        """Run one epoch."""
        self.keeper.on_train_epoch_start(self.trainer, self.module)
        for index in range(self.batches):
            self.batch(index, (losses or [1.0] * self.batches)[index])
        self.keeper.on_train_epoch_end(self.trainer, self.module)

    def batch(self, index, loss=1.0):
        """Run one step."""
        with torch.no_grad():
            self.module.model.weight += 1.0
        self.trainer.is_last_batch = index == self.batches - 1
        batch = SimpleNamespace(number=index, n_clips=2)
        outputs = {"mean_loss": torch.tensor(loss)}
        self.keeper.on_train_batch_end(self.trainer, self.module, outputs, batch, index)

    def kept(self):
        """The weight that the fit would give, in steps."""
        return load_file(self.keeper.folder / "weights.safetensors")["weight"][0, 0].item()


def test_the_weights_that_are_kept_are_those_of_the_best_epoch(tmp_path):
    drive = Drive(tmp_path, values=[0.2, 0.5, 0.4])
    for _ in range(3):
        drive.epoch()
    assert drive.kept() == 2 * 4
    assert (drive.progress.best_epoch, drive.progress.best_value) == (1, 0.5)


def test_of_equal_epochs_the_first_is_kept(tmp_path):
    drive = Drive(tmp_path, values=[0.5, 0.5])
    drive.epoch()
    drive.epoch()
    assert drive.progress.best_epoch == 0
    assert drive.kept() == 4


def test_an_undefined_metric_is_worse_than_any_and_better_than_no_weights(tmp_path):
    drive = Drive(tmp_path, values=[None, 0.1, None])
    drive.epoch()
    assert (drive.progress.best_epoch, drive.kept()) == (0, 4)
    drive.epoch()
    drive.epoch()
    assert (drive.progress.best_epoch, drive.kept()) == (1, 8)


def test_without_validation_the_latest_weights_are_kept(tmp_path):
    drive = Drive(tmp_path)
    drive.epoch()
    drive.epoch()
    assert drive.kept() == 8
    assert "val_loss" not in drive.progress.history[0]


def test_with_an_average_it_is_the_average_that_is_validated_and_kept(tmp_path):
    drive = Drive(tmp_path, values=[0.5], batches=2, ema_decay=0.9)
    seen = []
    drive.keeper.validate = lambda module: (
        seen.append(module.model.weight[0, 0].item())
        or {
            "val_loss": 0.0,
            "cmap": 1.0,
        }
    )
    drive.epoch()
    # The second step's decay is 3 / 12 by the warm-up of the average: 1 + .75 (2 - 1).
    assert seen == [pytest.approx(1.75)]
    assert drive.kept() == pytest.approx(1.75)
    assert drive.module.model.weight[0, 0].item() == 2.0


@pytest.mark.parametrize(
    ("values", "epochs"),
    [([0.5, 0.4, 0.3], 3), ([0.1, 0.2, 0.1, 0.1], 4), ([0.1, 0.2, 0.1, 0.3, 0.2, 0.2], 6)],
)
def test_patience_counts_epochs_since_the_best(tmp_path, values, epochs):
    drive = Drive(tmp_path, values=values, patience=2)
    stops = []
    for _ in range(epochs):
        drive.epoch()
        stops.append(drive.trainer.should_stop)
    assert stops == [False] * (epochs - 1) + [True]


def test_a_row_of_the_history_says_what_the_epoch_was(tmp_path):
    drive = Drive(tmp_path, values=[0.3, 0.4])
    drive.epoch(losses=[4.0, 2.0, 2.0, 0.0])
    drive.epoch(losses=[1.0, 1.0, 1.0, 1.0])
    first, second = drive.progress.history
    assert (first["epoch"], first["step"], first["train_loss"], first["cmap"]) == (0, 4, 2.0, 0.3)
    assert (second["epoch"], second["step"], second["train_loss"]) == (1, 8, 1.0)
    assert first["lr"] == 0.25
    assert {"val_loss", "seconds", "clips_per_second", "wait_fraction"} <= first.keys()


@pytest.mark.parametrize(
    ("every_s", "saved"),
    [(0.0, [(0, 1), (0, 2), (0, 3), (1, 0)]), (1e9, [(1, 0)])],
)
def test_the_state_is_saved_when_due_and_always_at_the_end_of_an_epoch(tmp_path, every_s, saved):
    drive = Drive(tmp_path, checkpoint_every_s=every_s)
    drive.epoch()
    assert drive.saved == saved


def test_added_up_batches_are_one_step_and_are_never_saved_halfway(tmp_path):
    drive = Drive(tmp_path, batches=5, optimizer=OptimizerConfig(accumulate=2))
    drive.epoch()
    assert drive.progress.step == 3
    assert drive.saved == [(0, 2), (0, 4), (1, 0)]
    assert drive.progress.history[0]["train_loss"] == 1.0


def test_a_new_process_goes_on_where_the_state_says(tmp_path):
    killed = Drive(tmp_path, values=[0.3, 0.1])
    killed.epoch()
    killed.batch(0, loss=3.0)
    killed.batch(1, loss=5.0)
    later = Drive(tmp_path, values=[0.3, 0.1])
    assert (later.progress.epoch, later.progress.batch, later.module.step) == (1, 2, 6)
    assert (later.progress.loss_sum, later.progress.loss_count) == (8.0, 2)
    assert later.module.model.weight[0, 0].item() == 6.0
    assert later.progress.history == killed.progress.history


def test_the_scale_of_float16_goes_on_where_it_was(tmp_path):
    killed = Drive(tmp_path, scaler=torch.amp.GradScaler("cpu", init_scale=1024.0))
    killed.epoch()
    later = torch.amp.GradScaler("cpu")
    assert later.state_dict() != killed.trainer.precision_plugin.scaler.state_dict()
    Drive(tmp_path, scaler=later)
    assert later.state_dict() == killed.trainer.precision_plugin.scaler.state_dict()


def test_what_is_on_disk_after_an_epoch_is_that_epoch(tmp_path):
    drive = Drive(tmp_path, values=[0.3])
    drive.epoch()
    stored = read_progress(drive.keeper.path)
    assert (stored.fingerprint, stored.epoch, stored.batch) == ("this fit", 1, 0)
    assert stored.seconds > 0
    assert stored.breakdown.keys() == {"wait", "decode", "validation"}
    assert stored.breakdown["decode"] == 2.0


def test_an_epoch_of_which_nothing_could_be_read_ends_the_fit_with_a_typed_error(tmp_path):
    drive = Drive(tmp_path)
    drive.trainer.train_dataloader.n_readable = 0
    with pytest.raises(TrainingError, match="not one recording could be read"):
        drive.epoch()


def test_metrics_go_to_every_logger_but_undefined_ones_do_not(tmp_path):
    drive = Drive(tmp_path, values=[None])
    logged = []
    logger = SimpleNamespace(log_metrics=lambda numbers, step: logged.append((numbers, step)))
    drive.trainer.loggers = [logger]
    drive.epoch()
    ((numbers, step),) = logged
    assert step == 4
    assert "cmap" not in numbers
    assert numbers["val_loss"] == 0.5
