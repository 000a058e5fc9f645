from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import FINDINGS, check
from oscine.config import parse
from oscine.core import RemoteError, ScanError, location, read_json
from oscine.infer.config import ScanConfig
from oscine.infer.ensemble import open_ensemble
from oscine.infer.postprocess import smooth
from oscine.infer.scan import scan
from oscine.infer.tables import DETECTIONS
from synthetic import make_bundle, make_recording
from web import Web

CODES = ["spec0", "spec1", "spec2"]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle").path


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    for index, suffix in enumerate(["wav", "flac", "ogg"]):
        make_recording(tmp_path / "audio" / f"{index}.{suffix}", 3.3 + index, 8000 * (index + 1))
    return tmp_path / "audio"


def test_a_scan_writes_the_three_tables(bundle: Path, recordings: Path, tmp_path: Path) -> None:
    result = scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    scores = result.scores().collect()
    assert scores.columns == ["filepath", "start_s", "end_s", *CODES]
    assert scores.group_by("filepath", maintain_order=True).len()["len"].to_list() == [4, 5, 6]
    assert scores["end_s"].max() == pytest.approx(5.3)
    check(result.detections(), DETECTIONS)
    above = (scores.select(CODES).to_numpy() >= 0.5).sum()
    assert len(result.detections()) == above > 0
    check(result.findings(), FINDINGS)
    assert len(result.findings()) == 0
    left = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {"scores.parquet", "detections.parquet", "findings.parquet"}
    assert left == tables | {"parts", "settings.json"}
    said = read_json(tmp_path / "out" / "settings.json")
    assert said["bundles"] == [str(bundle)]
    assert parse(ScanConfig, said["settings"]) == ScanConfig()


def test_a_recording_named_by_its_recorders_clock_dates_its_detections(
    bundle: Path, tmp_path: Path
) -> None:
    make_recording(tmp_path / "card" / "20240501_043000.WAV", 2.3)
    make_recording(tmp_path / "card" / "dawn.wav", 2.3)
    found = scan([bundle], [tmp_path / "card"], ScanConfig(threshold=0.0), tmp_path / "out")
    times = found.detections().select("filename", "start_s", "recorded_at").unique().sort("start_s")
    dated = times.filter(pl.col("filename") == "20240501_043000.WAV")["recorded_at"]
    assert dated.dt.strftime("%d %H:%M:%S").to_list() == [
        "01 04:30:00",
        "01 04:30:01",
        "01 04:30:02",
    ]
    assert times.filter(pl.col("filename") == "dawn.wav")["recorded_at"].null_count() == 3


def test_a_finished_recording_is_not_scanned_again(
    bundle: Path, recordings: Path, tmp_path: Path
) -> None:
    first = scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    before = first.scores_path.read_bytes()
    make_recording(recordings / "new.wav", 2.0)
    second = scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    assert (first.n_scanned, second.n_scanned, second.n_recordings) == (3, 1, 4)
    (recordings / "new.wav").unlink()
    third = scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    assert third.n_scanned == 0
    assert third.scores_path.read_bytes() == before


def test_smoothing_and_threshold_change_without_scanning_again(
    bundle: Path, recordings: Path, tmp_path: Path
) -> None:
    raw = scan([bundle], [recordings], ScanConfig(), tmp_path / "out").scores().collect()
    config = ScanConfig(smoothing=(1.0, 2.0, 1.0), threshold=0.9)
    again = scan([bundle], [recordings], config, tmp_path / "out")
    assert again.n_scanned == 0
    assert (again.detections()["score"] >= np.float32(0.9)).all()
    expected = [
        smooth(table.select(CODES).to_numpy(), config.smoothing)
        for _, table in raw.group_by("filepath", maintain_order=True)
    ]
    smoothed = again.scores().select(CODES).collect().to_numpy()
    np.testing.assert_array_equal(smoothed, np.concatenate(expected))


@pytest.mark.parametrize("change", ["hop", "bundle"])
def test_another_hop_or_bundle_scans_again(
    bundle: Path, recordings: Path, tmp_path: Path, change: str
) -> None:
    scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    config = ScanConfig(hop_s=0.5 if change == "hop" else None)
    other = make_bundle(tmp_path / "other", seed=1).path if change == "bundle" else bundle
    assert scan([other], [recordings], config, tmp_path / "out").n_scanned == 3


def test_one_bad_file_is_a_finding_and_is_tried_again(
    bundle: Path, recordings: Path, tmp_path: Path
) -> None:
    bad = recordings / "bad\nnäme.ogg"
    bad.write_bytes(b"OggS and then nothing")
    result = scan([bundle], [recordings, recordings / "gone.wav"], ScanConfig(), tmp_path / "out")
    findings = result.findings()
    assert findings["reason"].to_list() == ["unreadable", "missing"]
    assert findings["filepath"][0] == str(bad)
    assert findings["quarantined"].all()
    assert result.scores().collect()["filepath"].n_unique() == result.n_scanned == 3
    make_recording(recordings / "gone.wav", 1.0)
    again = scan([bundle], [recordings], ScanConfig(), tmp_path / "out")
    assert (again.n_scanned, len(again.findings())) == (1, 1)


def test_names_that_are_no_text_and_look_alike_stay_apart(bundle: Path, tmp_path: Path) -> None:
    for number, name in enumerate((b"caf\xe8.wav", b"caf\xe9.wav")):
        written = make_recording(tmp_path / "a.wav", 2.0 + number, seed=number)
        (tmp_path / "audio").mkdir(exist_ok=True)
        written.rename(tmp_path / "audio" / os.fsdecode(name))
    result = scan([bundle], [tmp_path / "audio"], ScanConfig(), tmp_path / "out")
    assert result.scores().collect()["end_s"].to_list() == [1.0, 2.0, 1.0, 2.0, 3.0]


def test_a_scan_of_bad_files_alone_still_leaves_whole_tables(bundle: Path, tmp_path: Path) -> None:
    result = scan([bundle], [tmp_path / "gone.wav"], ScanConfig(), tmp_path / "out")
    assert result.scores().collect().shape == (0, 6)
    assert len(result.detections()) == 0
    assert len(result.findings()) == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_scores_do_not_depend_on_threads(
    bundle: Path, recordings: Path, tmp_path: Path, threads: int
) -> None:
    default = scan([bundle], [recordings], ScanConfig(), tmp_path / "a")
    other = scan([bundle], [recordings], ScanConfig(threads=threads), tmp_path / "b")
    assert default.scores_path.read_bytes() == other.scores_path.read_bytes()


def test_an_open_ensemble_can_be_scanned_with(
    bundle: Path, recordings: Path, tmp_path: Path
) -> None:
    ensemble = open_ensemble([bundle, make_bundle(tmp_path / "other", seed=1).path])
    assert scan(ensemble, [recordings], ScanConfig(), tmp_path / "out").n_scanned == 3


def test_an_unknown_format_is_refused_before_any_work(bundle: Path, tmp_path: Path) -> None:
    config = ScanConfig(formats=("raven", "exel"))
    with pytest.raises(ScanError, match=r"'exel'.*audacity"):
        scan([bundle], [tmp_path / "a.wav"], config, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("n", [1, 3])
def test_no_table_depends_on_how_many_windows_are_held(
    bundle: Path, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    bundles = [bundle, make_bundle(tmp_path / "other", seed=1).path]
    settings = {"hop_s": 0.4, "row_s": 0.7, "smoothing": (1.0, 2.0, 1.0), "file_prior": "mean"}
    config = ScanConfig(**settings, merge_gap_s=0.0, formats=("csv", "submission"))
    whole = scan(bundles, [recordings], config, tmp_path / "whole")
    for module in ("events", "finish"):
        monkeypatch.setattr(f"oscine.infer.{module}.BLOCK_WINDOWS", n)
    monkeypatch.setattr("oscine.infer.spool.BYTES_AT_ONCE", 40 * n)
    divided = scan(bundles, [recordings], config, tmp_path / "divided")
    assert divided.n_scanned == whole.n_scanned == 3
    names = {path.name for path in whole.folder.iterdir() if path.is_file()}
    assert names == {path.name for path in divided.folder.iterdir() if path.is_file()}
    for name in names - {"settings.json"}:
        assert (divided.folder / name).read_bytes() == (whole.folder / name).read_bytes()


SCAN = """
import sys
from pathlib import Path
from oscine.infer import ScanConfig, scan
scan([Path(sys.argv[1])], [Path(sys.argv[2])], ScanConfig(hop_s=0.002), Path(sys.argv[3]))
"""


def test_a_scan_that_is_killed_goes_on_and_ends_with_the_same_scores(
    bundle: Path, tmp_path: Path
) -> None:
    audio = tmp_path / "audio"
    for index in range(6):
        make_recording(audio / f"{index}.wav", 3.0, seed=index)
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", SCAN, bundle, audio, out])
    deadline_s = time.monotonic() + 60
    while not list(out.glob("parts/*.parquet")) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = len(list(out.glob("parts/*.parquet")))
    config = ScanConfig(hop_s=0.002)
    resumed = scan([bundle], [audio], config, out)
    assert 0 < finished < 6
    assert resumed.n_scanned == 6 - finished
    whole = scan([bundle], [audio], config, tmp_path / "whole")
    assert resumed.scores().collect().equals(whole.scores().collect())
    assert isinstance(pl.read_parquet(out / "detections.parquet"), pl.DataFrame)


def test_remote_recordings_are_scanned_like_their_files(
    bundle: Path, recordings: Path, tmp_path: Path, web: Web
) -> None:
    shutil.copytree(recordings, web.folder, dirs_exist_ok=True)
    here = scan([bundle], [recordings], ScanConfig(), tmp_path / "here")
    there = scan([bundle], [location(web.url)], ScanConfig(), tmp_path / "there")
    scores = there.scores().collect()
    assert scores.drop("filepath").equals(here.scores().collect().drop("filepath"))
    assert scores["filepath"].unique(maintain_order=True).to_list() == [
        f"{web.url}/{name}" for name in ("0.wav", "1.flac", "2.ogg")
    ]
    assert set(there.detections()["filename"]) == set(here.detections()["filename"])


def test_a_remote_recording_is_scanned_again_only_when_it_changed(
    bundle: Path, tmp_path: Path, web: Web
) -> None:
    make_recording(web.folder / "a.wav", 2.0)
    asked = [location(f"{web.url}/a.wav")]
    first = scan([bundle], asked, ScanConfig(), tmp_path / "out")
    again = scan([bundle], asked, ScanConfig(), tmp_path / "out")
    assert (first.n_scanned, again.n_scanned, web.count("GET", ".wav")) == (1, 0, 1)
    make_recording(web.folder / "a.wav", 3.0)
    changed = scan([bundle], asked, ScanConfig(), tmp_path / "out")
    assert (changed.n_scanned, len(changed.scores().collect())) == (1, 3)


def test_a_lost_remote_recording_is_a_finding(bundle: Path, tmp_path: Path, web: Web) -> None:
    make_recording(web.folder / "a.wav", 2.0)
    asked = [location(f"{web.url}/{name}.wav") for name in ("lost", "a")]
    result = scan([bundle], asked, ScanConfig(), tmp_path / "out")
    assert result.findings().select("filepath", "reason").rows() == [(str(asked[0]), "missing")]
    assert len(result.scores().collect()) == 2


def test_a_dead_connection_stops_a_scan(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="cannot be reached"):
        scan([bundle], [location("http://127.0.0.1:9/a.wav")], ScanConfig(), tmp_path / "out")
