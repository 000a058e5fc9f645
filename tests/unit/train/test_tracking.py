import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from lightning.pytorch.loggers import TensorBoardLogger

import tones
from oscine.train.checkpoint import Progress
from oscine.train.config import TrackingConfig
from oscine.train.fit import fit
from oscine.train.tracking import WandbTracker, make_loggers, make_trackers
from wandb_records import offline_runs

WANDB = TrackingConfig(tensorboard=False, wandb=True)
quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
"""Those are W&B's own."""


def test_tensorboard_is_on_and_wandb_off_by_default(tmp_path):
    job = tones.job(tmp_path, n=2, tracking=TrackingConfig())
    (logger,) = make_loggers(job)
    assert isinstance(logger, TensorBoardLogger)
    assert make_trackers(job, Progress()) == []


def test_nothing_asked_for_means_no_logger(tmp_path):
    assert make_loggers(tones.job(tmp_path, n=2)) == []


def rows_told(run):
    own = ("_step", "_runtime", "_timestamp")
    return [{k: v for k, v in row.items() if k not in own} for row in run.rows]


def rows_kept(folder):
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if v is not None} for row in rows]


@quiet
def test_wandb_is_told_the_recipe_and_the_rows_of_the_history(no_account, tmp_path):
    told = {"seed": 7, "model": {"backbone": "resnet18"}}
    job = tones.job(tmp_path, tracking=WANDB, group="the group", recipe=told, catalog="cafe")
    summary = fit(job)
    (run,) = offline_runs(job.folder)
    assert (run.run.run_group, run.run.job_type) == ("the group", "finetune")
    assert run.config["seed"] == 7
    assert run.config["model"] == {"backbone": "resnet18"}
    assert run.config["catalog_fingerprint"] == "cafe"
    assert rows_told(run) == rows_kept(job.folder)
    assert {"lr", "head_lr", "clips_per_second", "wait_fraction"} <= run.rows[0].keys()
    assert run.summary["best_epoch"] == summary["best_epoch"]
    assert run.exit_code == 0


KILLED = """
import sys
from pathlib import Path
import tones
from oscine.train.config import TrackingConfig
from oscine.train.fit import fit
from oscine.train.validation import Validator

scored = Validator.metrics
calls = []

def killed_in_the_second_epoch(self, module):
    calls.append(1)
    if len(calls) == 2:
        import os
        os.kill(os.getpid(), int(sys.argv[2]))
    return scored(self, module)

Validator.metrics = killed_in_the_second_epoch
tracking = TrackingConfig(tensorboard=False, wandb=True)
fit(tones.job(Path(sys.argv[1]), config=tones.fit_config(epochs=3), tracking=tracking))
"""


@quiet
@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_fit_goes_on_with_its_run_and_every_row_of_it(no_account, tmp_path, kill):
    tests = str(Path(tones.__file__).parent)
    code = f"import sys; sys.path.insert(0, {tests!r}){KILLED}"
    command = [sys.executable, "-c", code, str(tmp_path), str(int(kill))]
    # The service of a process is its children's too, and would outlive the killed one.
    own = {name: value for name, value in os.environ.items() if name != "WANDB_SERVICE"}
    killed = subprocess.run(command, check=False, timeout=120, capture_output=True, env=own)
    assert killed.returncode
    job = tones.job(tmp_path, config=tones.fit_config(epochs=3), tracking=WANDB)
    fit(job)
    first, second = offline_runs(job.folder)
    assert first.folder.name.endswith(second.run.run_id)  # the file of a killed run may be empty
    assert rows_told(second) == rows_kept(job.folder)
    assert len(second.rows) == 3


ZERO, OTHER = SimpleNamespace(is_global_zero=True), SimpleNamespace(is_global_zero=False)


def row(step):
    return {"epoch": step - 1, "step": step, "train_loss": 1.0 / step, "val_loss": None}


def test_rows_that_the_server_has_are_not_told_again(tmp_path):
    progress = Progress(history=[row(1), row(2), row(3)])
    tracker = WandbTracker(tones.job(tmp_path, n=2, tracking=WANDB), progress)
    told = []
    tracker.run.open = lambda: None
    tracker.run.live = SimpleNamespace(
        step=3,
        define_metric=lambda *names: None,
        log=lambda values, step: told.append(values),
        summary={},
    )
    tracker.on_train_start(ZERO, None)
    assert told == [{"epoch": 2, "step": 3, "train_loss": 1 / 3}]


def test_only_the_first_process_has_a_run(no_account, tmp_path):
    job = tones.job(tmp_path, n=2, tracking=WANDB)
    tracker = WandbTracker(job, Progress(history=[row(1)]))
    tracker.on_train_start(OTHER, None)
    tracker.on_train_epoch_end(OTHER, None)
    tracker.on_train_end(OTHER, None)
    assert not job.folder.exists()
