"""A run that is killed three times, and goes on each time, ends as one that never was."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from oscine.core import read_json
from oscine.train.checkpoint import read_progress
from tiny_run import TinyRun, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

OSCINE = Path(sysconfig.get_path("scripts")) / "oscine"
PATIENCE_S = 300.0
FITS = ("pretrain", "finetune")
EPOCHS = {"pretrain": 4, "finetune": 6}
STATEFUL = (
    "batch_size=4",
    "ema_decay=0.9",
    "augment.mixup.probability=0.8",
    "sampling={upsample: 6, weight_power: 0.5, max_per_recording: 2, max_per_recordist: 9}",
)
"""More steps than the recipe's own, so that there is time to kill between two of them, and all that
has a state which a resumed fit must find again."""
MORE = (
    "baseline=false",
    "compare_naive=false",
    *(f"{stage}.epochs={epochs}" for stage, epochs in EPOCHS.items()),
    *(f"{stage}.{setting}" for stage in EPOCHS for setting in STATEFUL),
)


def start(run: TinyRun, command: str) -> subprocess.Popen[str]:
    """Type a command, as in another terminal."""
    words = (run.recipe_file.name, *MORE, f"--out={run.path.name}")
    # Threads that wait for each other are slow on busy cores, and this model needs none.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [OSCINE, command, *words],
        cwd=run.home,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(run: TinyRun, command: str) -> str:
    """Type a command and wait for its end; gives its log."""
    process = start(run, command)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    return said


def kill_when(run: TinyRun, reached: Callable[[], bool]) -> None:
    """Type `oscine run`, and SIGKILL it as soon as it has come so far."""
    process = start(run, "run")
    until = time.monotonic() + PATIENCE_S
    while not reached() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    process.kill()
    _, said = process.communicate()
    assert process.returncode == -9, said


def in_the_middle_of(fit: Path, epoch: int) -> Callable[[], bool]:
    """Tell when a fit has done some batches of an epoch."""

    def reached() -> bool:
        progress = read_progress(fit / "state.safetensors")
        return progress is not None and progress.epoch >= epoch and progress.batch > 1

    return reached


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """A run that nobody disturbed, up to its metrics."""
    run = settle(tmp_path_factory.mktemp("whole"))
    finish(run, "evaluate")
    return run


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyRun, str]:
    """The same run in another folder, killed three times; with the log of the last process."""
    run = settle(tmp_path_factory.mktemp("broken"))
    stages, fits = run.path / "stages", run.path / "fits"
    draws = np.random.default_rng(5)

    kill_when(run, (stages / "audit.begun").exists)
    assert not fits.exists()

    kill_when(run, in_the_middle_of(fits / "pretrain/fold-0", epoch=draws.integers(4)))
    assert (stages / "audit.json").exists()
    assert not (stages / "pretrain-fold-0.json").exists()

    kill_when(run, in_the_middle_of(fits / "finetune/fold-0", epoch=draws.integers(6)))
    assert (stages / "pretrain-fold-0.json").exists()
    assert not (stages / "finetune-fold-0.json").exists()
    return run, finish(run, "run")


def test_the_last_process_went_on_in_the_middle_of_fine_tuning(broken) -> None:
    _, said = broken
    assert "pretrain/fold-0: up to date, skipped" in said
    assert "finetune fold 0: goes on at epoch" in said


@pytest.mark.parametrize("stage", FITS)
def test_weights_are_the_same_to_the_bit(whole: TinyRun, broken, stage: str) -> None:
    run, _ = broken
    name = f"fits/{stage}/fold-0/weights.safetensors"
    assert (run.path / name).read_bytes() == (whole.path / name).read_bytes()
    assert load_file(run.path / name)


@pytest.mark.parametrize("stage", FITS)
@pytest.mark.parametrize("name", ["exposures.parquet", "history.jsonl"])
def test_what_was_heard_and_how_it_went_is_the_same(whole, broken, stage, name) -> None:
    own, other = (run.path / f"fits/{stage}/fold-0" / name for run in (whole, broken[0]))
    if name.endswith(".parquet"):
        assert own.read_bytes() == other.read_bytes()
    else:
        assert without_times(own) == without_times(other)


def without_times(path: Path) -> list[dict[str, object]]:
    """Read a history without how long it took."""
    rows = pl.read_ndjson(path, infer_schema_length=None)
    return rows.drop("seconds", "clips_per_second", "wait_fraction").to_dicts()


@pytest.mark.parametrize("stage", FITS)
def test_out_of_fold_scores_are_the_same(whole: TinyRun, broken, stage: str) -> None:
    tables = [
        run.table(f"fits/{stage}/fold-0/out_of_fold.parquet").drop("filepath")
        for run in (whole, broken[0])
    ]
    assert tables[0].equals(tables[1])


def test_metrics_are_the_same(whole: TinyRun, broken) -> None:
    assert broken[0].json("evaluate/metrics.json") == whole.json("evaluate/metrics.json")


@pytest.mark.parametrize("name", ["audit/findings", "audit/target", "folds/target"])
def test_tables_are_the_same(whole: TinyRun, broken, name: str) -> None:
    tables = [run.table(f"{name}.parquet") for run in (whole, broken[0])]
    own, other = (table.drop("filepath", strict=False) for table in tables)
    assert own.equals(other)


def test_nothing_half_is_left(broken) -> None:
    run, _ = broken
    names = [path.name for path in run.path.rglob("*")]
    assert [name for name in names if name.endswith(".begun")] == []
    assert not (run.path / "superseded").exists()
    assert {row["status"] for row in read_json(run.path / "run.json")["stages"]} == {"done"}


def test_the_rest_of_the_run_is_there(broken) -> None:
    run, _ = broken
    assert (run.path / "report" / "index.html").is_file()
    assert (run.path / "bundle" / "fold-0" / "model.onnx").is_file()
    assert isinstance(run.table("scan/scores.parquet"), pl.DataFrame)
