"""Two processes over gloo: what they tell each other, and how they end."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rank_works
from oscine.core import ModelError, TrainingError
from oscine.train import launch
from oscine.train.launch import run_ranks

pytestmark = pytest.mark.slow

SOON_S = 10.0
"""Patience with busy cores: a process that ends is noticed at once."""

IMPORTED_S = 120.0
"""Patience with two processes that import torch on busy cores."""


@pytest.fixture
def log_lines(caplog, monkeypatch):
    """What oscine logs, other tests' handlers or not."""
    monkeypatch.setattr(logging.getLogger("oscine"), "propagate", True)
    caplog.set_level(logging.INFO, "oscine")
    return caplog


def test_processes_tell_each_other_and_the_first_one_s_word_is_the_result(log_lines, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("oscine.train.rank.available_cores", lambda: 4)
    told = run_ranks(rank_works.tell, ("hello",), 2, "a test")
    cores = told.pop("cores")
    assert told == {"gathered": [0, 1], "first": 10, "total": [3.0]}
    assert cores == max(1, len(os.sched_getaffinity(0)) // 2)
    # All of the first one's lines, of the others warnings only.
    assert sorted(log_lines.messages) == ["hello from 0", "hello!", "hello!"]


@pytest.mark.parametrize("at", [0, 1])
def test_an_error_of_one_process_is_raised_as_it_was_not_as_that_of_its_lost_peer(at):
    with pytest.raises(ModelError) as caught:
        run_ranks(rank_works.fail, (at,), 2, "a test")
    assert str(caught.value) == "does not fit (here): choose another"
    assert not multiprocessing.active_children()


def test_a_bug_in_one_process_is_logged_with_its_place_and_becomes_a_typed_error(log_lines):
    with pytest.raises(TrainingError, match=r"a process failed: ZeroDivisionError.*a test"):
        run_ranks(rank_works.divide, (1,), 2, "a test")
    assert "rank_works.py" in log_lines.text


def test_a_killed_process_ends_the_other_within_seconds_and_is_named(log_lines):
    with pytest.raises(TrainingError, match=r"process 1 of 2 .*killed by SIGKILL.*a test"):
        run_ranks(rank_works.be_killed, (1,), 2, "a test")
    (now,) = log_lines.records
    assert time.time() - now.created < SOON_S + launch.EXPLAIN_S + launch.END_S
    assert not multiprocessing.active_children()


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.path[:0] = {path!r}
print("the script runs", flush=True)
import rank_works
from oscine.train.launch import run_ranks
run_ranks(rank_works.linger, ({folder!r},), 2, "a test")
"""
"""A script without a guard: were it imported by the processes, it would start more of them."""


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (signal.SIGTERM, 143),
        (signal.SIGINT, -signal.SIGINT),  # as Python ends where nobody catches KeyboardInterrupt
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_whatever_ends_the_starter_ends_the_processes(tmp_path: Path, sent, status):
    code = SCRIPT.format(path=sys.path, folder=str(tmp_path))
    script = tmp_path.with_suffix(".py")
    script.write_text(code)
    starter = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    try:
        _until(lambda: len(list(tmp_path.iterdir())) == 2)
        pids = [int(path.name) for path in tmp_path.iterdir()]
        starter.send_signal(sent)
        assert starter.wait(SOON_S + launch.END_S) == status
        _until(lambda: not any(map(_runs, pids)))
    finally:
        starter.kill()
    assert starter.communicate()[0].splitlines() == ["the script runs"]


def _until(true) -> None:
    until = time.monotonic() + IMPORTED_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
