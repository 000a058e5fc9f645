from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from oscine.train import wandb_run
from oscine.train.wandb_run import WandbRun
from wandb_records import offline_runs

pytestmark = [
    pytest.mark.usefixtures("no_account"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
KEY = "k" * 40


def warnings_of(caplog):
    return [
        r.getMessage() for r in caplog.records if (r.name, r.levelname) == ("oscine", "WARNING")
    ]


def run_in(folder, fingerprint="one"):
    return WandbRun(folder, "oscine", "group", "name", "fit", fingerprint, {"seed": 1}, finish_s=5)


@pytest.mark.parametrize("mode", [None, "online", "offline"])
def test_without_a_key_the_run_is_offline_and_the_log_says_how_to_upload_it(
    monkeypatch, tmp_path, caplog, mode
):
    if mode:
        monkeypatch.setenv("WANDB_MODE", mode)
    with caplog.at_level(logging.INFO, "oscine"):
        run = run_in(tmp_path)
        run.open()
        run.close()
    (stored,) = offline_runs(tmp_path)
    assert f"wandb sync {stored.folder}" in caplog.text


def test_a_run_that_is_disabled_writes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    run = run_in(tmp_path)
    run.open()
    run.attempt("logging", lambda live: live.log({"a": 1}))
    run.close()
    assert offline_runs(tmp_path) == []


def server_that(answers):
    """A port where nobody listens, or where somebody listens and never answers."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    if answers == "hangs":
        listener.listen(50)
    return listener


@pytest.mark.parametrize("answers", ["refuses", "hangs"])
def test_a_server_that_does_not_answer_costs_seconds_and_one_warning(
    monkeypatch, tmp_path, caplog, answers
):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setattr(wandb_run, "INIT_S", 2.0)
    with server_that(answers) as listener:
        monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        run = run_in(tmp_path)
        started = time.monotonic()
        run.open()
        spent = time.monotonic() - started
        run.attempt("logging", lambda live: live.log({"a": 1}))
        run.close()
    assert spent < 30  # 2 s for the server; the rest is W&B's own start, on a busy machine
    assert len(warnings_of(caplog)) == 1
    (stored,) = offline_runs(tmp_path)
    assert [row["a"] for row in stored.rows] == [1]


def kill_service():
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    pids = [int(line.split()[0]) for line in listed.stdout.splitlines() if "wandb-core" in line]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)


def test_a_service_that_dies_costs_a_warning_and_the_next_run_has_another(tmp_path, caplog):
    run = run_in(tmp_path / "first")
    run.open()
    kill_service()
    for step in (1, 2):
        run.attempt("logging", lambda live, step=step: live.log({"a": step}))
    run.close()
    assert len(warnings_of(caplog)) == 1
    after = run_in(tmp_path / "second")
    after.open()
    after.attempt("logging", lambda live: live.log({"a": 3}))
    after.close()
    assert [row["a"] for row in offline_runs(tmp_path / "second")[0].rows] == [3]


def test_a_failure_at_the_end_costs_a_warning(tmp_path, caplog):
    run = run_in(tmp_path)

    def finish(exit_code):
        raise ConnectionResetError

    run.live = SimpleNamespace(finish=finish)
    run.close()
    assert "finishing failed (ConnectionResetError)" in caplog.text


def test_without_the_library_there_is_a_warning_and_no_run(monkeypatch, tmp_path, caplog):
    monkeypatch.setitem(sys.modules, "wandb", None)
    run = run_in(tmp_path)
    run.open()
    run.attempt("logging", lambda live: pytest.fail("there is no run"))
    run.close()
    assert "does not start" in caplog.text


def test_other_contents_of_a_folder_are_another_run(tmp_path):
    ids = [run_in(tmp_path, name)._id() for name in ("one", "one", "two")]
    assert ids[0] == ids[1] != ids[2]


def test_a_run_of_the_callers_own_goes_on(tmp_path):
    import wandb

    settings = wandb.Settings(silent=True, console="off")
    with wandb.init(mode="offline", dir=tmp_path, settings=settings) as own:
        run = run_in(tmp_path / "ours")
        run.open()
        assert run.live is not own
        run.close()
        own.log({"a": 1})
        assert wandb.run is own
