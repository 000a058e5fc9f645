"""`oscine demo`, typed in an empty folder, and its bundle used afterwards."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import polars as pl
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SMALLER = (
    "model.backbone=test_efficientnet",
    "pretrain.epochs=2",
    "finetune.epochs=1",
    "target_folds.selected=[0]",
    "evaluation.bootstrap.n=50",
)
"""The demo as it ships takes minutes; these change how long it learns, not what it does."""


def oscine(folder: Path, *words: str) -> str:
    """Type `oscine WORDS...` in a folder; gives what it printed."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    environment.pop("FORCE_COLOR", None)
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "oscine", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo was typed."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def printed(place: Path) -> str:
    """What the demo printed."""
    return oscine(place, "demo", "--size", "tiny", *SMALLER)


@pytest.fixture(scope="module")
def run(place: Path, printed: str) -> Path:
    """The run folder that the demo left."""
    return place / "runs" / "demo"


def test_it_prints_the_metrics_with_and_without_pretraining(printed: str) -> None:
    lines = printed.splitlines()
    (head,) = [line for line in lines if line.startswith(" out-of-fold metric")]
    assert [name in head for name in ("fine-tuned", "without pretraining", "difference")] == [
        True
    ] * 3
    (row,) = [line.split() for line in lines if line.split()[:1] == ["cmap"]]
    assert len([word for word in row if "." in word]) == 9  # three values, each with two bounds


def test_it_says_where_the_report_is_and_there_it_is(printed: str, run: Path) -> None:
    (line,) = [line for line in printed.splitlines() if line.startswith("report: ")]
    page = run.parents[1] / line.removeprefix("report: ")
    assert page == run / "report" / "index.html"
    text = page.read_text(encoding="utf-8")
    assert "Synthetic" in text
    assert "http://" not in text.replace("http://www.w3.org", "")  # self-contained


def test_it_writes_only_where_it_was_typed(place: Path, printed: str) -> None:
    assert sorted(path.name for path in place.iterdir()) == ["caches", "demo-data", "runs"]


def test_its_bundle_scans_a_soundscape(place: Path, run: Path) -> None:
    (soundscape,) = (place / "demo-data" / "year_b" / "train_soundscapes").glob("*.ogg")
    said = oscine(
        place, "scan", str(run / "bundle" / "fold-0"), str(soundscape),
        "--out", "found", "--threshold", "0.1", "--format", "audacity",
    )  # fmt: skip
    assert said.startswith("1 recordings (1 scanned now)")
    own = pl.read_parquet(run / "scan" / "scores.parquet").drop("filepath")
    again = pl.read_parquet(place / "found" / "scores.parquet").drop("filepath")
    assert again.equals(own)
    assert list((place / "found" / "audacity").iterdir())


def test_typed_again_it_has_nothing_left_to_do(place: Path, run: Path) -> None:
    before = (run / "fits/finetune/fold-0/weights.safetensors").stat().st_mtime_ns
    rows = [line.split() for line in oscine(place, "demo", "--size", "tiny", *SMALLER).splitlines()]
    assert [row[1] for row in rows if row[:1] == ["bundle"]] == ["skipped"]
    assert (run / "fits/finetune/fold-0/weights.safetensors").stat().st_mtime_ns == before
