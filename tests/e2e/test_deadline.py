"""`oscine scan --deadline`, typed, with bundles that were slowed on purpose, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import polars as pl
import pytest

from oscine.core import generator, read_json
from synthetic import make_bundle, make_recording

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

N_RECORDINGS = 8
ASKED = ["audio", "--hop", "0.5", "--shifts=-0.25,0.25", "--format", "submission"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Two bundles that are slow, two that are four times as slow, and 152 windows in all.

    With the second two at three takes that is a minute and more of a quick machine's time.
    """
    for seed, (name, work) in enumerate({"a": 5, "b": 5, "slow-a": 20, "slow-b": 20}.items()):
        make_bundle(tmp_path / name, seed=seed, work=work)
    for index in range(N_RECORDINGS):
        make_recording(tmp_path / "audio" / f"soundscape_{index}.wav", 10.0, seed=index)
    return tmp_path


def start(here: Path, *words: str, bundles: tuple[str, str] = ("a", "b")) -> subprocess.Popen[str]:
    """Type `oscine scan ...`."""
    command = [Path(sysconfig.get_path("scripts")) / "oscine", "scan", *bundles, *ASKED, *words]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.Popen(
        command,
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_submission(here: Path) -> None:
    """Read the submission: every row is there, and has a score of every species."""
    table = pl.read_csv(here / "scan" / "submission.csv")
    assert table.columns == ["row_id", "spec0", "spec1", "spec2"]
    scores = table.drop("row_id").to_numpy()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert table["row_id"].to_list() == [
        f"soundscape_{index}_{end}" for index in range(N_RECORDINGS) for end in (5, 10)
    ]


def test_a_scan_keeps_its_deadline_and_says_what_that_cost(here: Path) -> None:
    started = time.monotonic()
    process = start(here, "--deadline", "14s", bundles=("slow-a", "slow-b"))
    out, err = process.communicate(timeout=60)
    took_s = time.monotonic() - started
    assert process.returncode == 0, err
    assert took_s <= 14.0
    assert "left out for want of time: shifts in" in out
    facts = read_json(here / "scan" / "deadline.json")
    assert facts["left_out"]["shifts"] > 0
    assert facts["took_s"] <= took_s
    check_submission(here)


def test_killed_at_any_moment_it_leaves_whole_outputs_and_goes_on(here: Path) -> None:
    delays_s = generator(0, "kills").uniform(1.5, 6.0, size=3)
    scanned: list[int] = []
    for delay_s in delays_s:
        process = start(here, "--deadline", "5m")
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (here / "scan" / "submission.csv").exists():
            check_submission(here)
            pl.read_parquet(here / "scan" / "scores.parquet")
        scanned.append(len(list((here / "scan").glob("parts/[!.]*.parquet"))))
    assert scanned == sorted(scanned)
    out, err = start(here).communicate(timeout=120)
    assert f"{N_RECORDINGS} recordings" in out, err
    check_submission(here)
    resumed = pl.read_parquet(here / "scan" / "scores.parquet")
    start(here, "--out", "whole").communicate(timeout=120)
    assert resumed.equals(pl.read_parquet(here / "whole" / "scores.parquet"))


def test_asked_to_end_it_writes_what_there_is(here: Path) -> None:
    process = start(here, "--deadline", "5m")
    deadline_s = time.monotonic() + 60
    while not list((here / "scan").glob("parts/[!.]*.parquet")) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 143, err
    assert "the whole recording in" in out
    findings = pl.read_parquet(here / "scan" / "findings.parquet")
    assert findings["reason"].unique().to_list() == ["unscanned"]
    check_submission(here)
