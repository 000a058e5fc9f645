from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest

from oscine.core import TrainingError
from oscine.pipeline import launched
from oscine.pipeline.stages import fits
from oscine.train.world import World
from tiny_run import settle

OSCINE = Path(sysconfig.get_path("scripts")) / "oscine"
FOLDER = SimpleNamespace(path=Path("run"))


@pytest.fixture
def second(monkeypatch):
    """Make this the second of two processes, which hears words from the first in turn."""

    def listen(*words):
        said = iter(words)

        def from_first(own):
            assert own == ""
            word = next(said)
            if isinstance(word, Exception):
                raise word
            return word

        world = World(rank=1, size=2, local_rank=1, local_size=2)
        for name, value in world.variables().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("oscine.train.collectives.connect", lambda world, kind: None)
        monkeypatch.setattr("oscine.train.collectives.from_first", from_first)

    return listen


def recipe():
    from oscine.train.config import DeviceConfig

    return SimpleNamespace(devices=DeviceConfig(kind="cpu"))


def test_a_process_that_is_alone_is_not_kept():
    launched.join(recipe(), FOLDER)
    launched.dismiss()


def test_another_process_takes_part_in_the_fits_that_the_first_names_and_exits(second, monkeypatch):
    done = []
    monkeypatch.setattr(fits, "take_part", lambda folder, name: done.append(name))
    second("pretrain/fold-0", "finetune/fold-2", "")
    with pytest.raises(SystemExit) as left:
        launched.join(recipe(), FOLDER)
    assert left.value.code == 0
    assert done == ["pretrain/fold-0", "finetune/fold-2"]


def test_another_process_does_not_outlive_the_first(second):
    second(RuntimeError("Connection closed by peer"))
    with pytest.raises(TrainingError, match="the first process of the run has ended"):
        launched.join(recipe(), FOLDER)


@pytest.mark.slow
def test_two_processes_of_torchrun_make_one_run(tmp_path):
    run = settle(tmp_path)
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2")
    words = (run.recipe_file.name, "--stage=pretrain", "pretrain.batch_size=4", "--out=run")
    done = subprocess.run(
        [*torchrun, "--no-python", OSCINE, "fit", *words, run.cache_override],
        cwd=run.home,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert run.json("fits/pretrain/fold-0/fit.json")["n_devices"] == 2
    stages = [row["stage"] for row in run.json("run.json")["stages"]]
    assert stages == ["catalog", "audit", "folds", "cache", "pretrain/fold-0"]
    # The other process prints nothing, and does no stage.
    assert done.stderr.count("audit: starts") == 1
    assert done.stderr.count("2 x CPU") == 1
    assert done.stdout.count("pretrain/fold-0") == 1
