from __future__ import annotations

import logging

import polars as pl
import pytest

from oscine.audio import DecodeCache
from oscine.audio.cache import BuildFailure, BuildReport
from oscine.catalog import PARTS
from oscine.core import Reason


@pytest.fixture
def wanted(tiny_run):
    """Hashes of the recordings that training reads."""
    tables = pl.concat([tiny_run.table(f"audit/{part}.parquet") for part in PARTS])
    audit = tiny_run.table("audit/audit.parquet").join(tables, on="recording_id", how="semi")
    return set(audit["content_hash"])


@pytest.fixture
def own_cache(tiny_run, tmp_path):
    """Brings the cache stage of a run with a cache of its own up to date."""
    run = tiny_run.copied(tmp_path / "run")

    def bring(**more):
        rows = run.run(f"audio.cache_folder={tmp_path / 'caches'}", stages=["cache"], **more)
        assert {rows[name]["status"] for name in ("catalog", "audit")} == {"skipped"}
        return rows["cache"]

    return bring


def cached(folder):
    return {path.stem for path in folder.rglob("*.safetensors")}


def test_every_recording_that_training_reads_is_cached_once_and_no_other(
    own_cache, wanted, tmp_path
):
    facts = own_cache()["facts"]
    assert cached(tmp_path / "caches") == wanted
    assert facts == {"written": len(wanted), "kept": 0, "failed": 0}


def test_another_run_finds_what_is_cached_already(tiny_run, wanted, tmp_path):
    other = tiny_run.elsewhere(tmp_path / "run")
    assert other.run(stages=["cache"])["cache"]["facts"] == {
        "written": 0,
        "kept": len(wanted),
        "failed": 0,
    }


def test_a_file_that_someone_deleted_is_written_again(own_cache, wanted, tmp_path):
    """A fit would leave the recording out without a word."""
    own_cache()
    next((tmp_path / "caches").rglob("*.safetensors")).unlink()
    assert own_cache()["facts"] == {"written": 1, "kept": len(wanted) - 1, "failed": 0}
    assert own_cache()["status"] == "skipped"


def test_a_recording_that_cannot_be_cached_is_told_once_and_not_tried_forever(
    own_cache, monkeypatch, caplog
):
    lost = set()

    def build(self, rows, workers):
        lost.add(rows[0][1])
        failure = BuildFailure(rows[0][0], rows[0][1], Reason.MISSING, "it vanished")
        return BuildReport(len(rows) - 1, 0, (failure,))

    monkeypatch.setattr(DecodeCache, "build", build)
    monkeypatch.setattr(DecodeCache, "holds", lambda self, name: name not in lost)
    with caplog.at_level(logging.WARNING, "oscine"):
        assert own_cache()["facts"]["failed"] == 1
    assert "it vanished" in caplog.text
    assert own_cache()["status"] == "skipped"


def test_without_a_cache_there_is_nothing_to_do(tiny_run, tmp_path):
    run = tiny_run.elsewhere(tmp_path / "run")
    rows = run.run("audio.cache=none", stages=["cache"])
    assert rows["cache"]["facts"] == {"cache": "none"}
    assert run.run("audio.cache=none", stages=["cache"])["cache"]["status"] == "skipped"
