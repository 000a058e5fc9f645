from __future__ import annotations

import json
import time
from pathlib import Path

import polars as pl
import pytest

from oscine.cli.scan import parse_numbers, process_age_s, split_bundles
from oscine.core import ScanError
from synthetic import make_bundle, make_recording


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a bundle, two recordings, and one that is none."""
    monkeypatch.chdir(tmp_path)
    make_bundle(tmp_path / "bundle")
    (tmp_path / "calls").mkdir()
    make_recording(tmp_path / "calls" / "a.ogg", 3.0)
    make_recording(tmp_path / "calls" / "b.ogg", 2.0)
    (tmp_path / "bad.ogg").write_bytes(b"no audio")
    return tmp_path


def test_a_folder_is_scanned_and_summed_up_in_a_line(oscine, here):
    said = oscine("scan", "bundle", "calls")
    assert said.status == 0
    assert said.out.startswith("2 recordings (2 scanned now), ")
    assert said.out.strip().endswith("detections at 0.5 or above, 0 findings: scan")
    assert len(pl.read_parquet("scan/scores.parquet")) == 5  # 3 s and 2 s in windows of 1 s


def test_a_bundle_with_thresholds_of_its_classes_is_said_to_have_them(oscine, here):
    file = here / "bundle" / "bundle.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    code = about["species"][0]["species_code"]
    file.write_text(json.dumps(about | {"thresholds": {code: 0.9}}), encoding="utf-8")
    assert "or as the bundle says of the class, " in oscine("scan", "bundle", "calls").out
    alone = oscine("scan", "bundle", "calls", "--one-threshold").out
    assert "detections at 0.5 or above, 0 findings" in alone


def test_scanned_again_nothing_is_left_to_do(oscine, here):
    oscine("scan", "bundle", "calls")
    assert oscine("scan", "bundle", "calls").out.startswith("2 recordings (0 scanned now)")


def test_options_reach_the_scan(oscine, here):
    said = oscine(
        "scan", "bundle", "calls/a.ogg", "--out", "o", "--hop", "0.5", "--threshold", "0",
        "--smoothing", "1,2,1", "--format", "raven", "--format", "csv", "--threads", "1",
    )  # fmt: skip
    assert said.status == 0
    scores = pl.read_parquet("o/scores.parquet")
    assert scores["start_s"].diff().drop_nulls().unique().to_list() == [0.5]
    assert len(pl.read_parquet("o/detections.parquet")) == len(scores) * (scores.width - 3)
    assert (here / "o" / "raven").is_dir()
    assert list((here / "o").glob("*.csv"))


def test_what_is_heard_again_averaged_and_merged_is_an_option_each(oscine, here):
    make_bundle(here / "second", seed=1)
    said = oscine(
        "scan", "bundle", "second", "calls/a.ogg", "--out", "o", "--shifts=-0.25,0.25",
        "--row", "0.5", "--average", "geometric", "--file-prior", "max", "--merge", "0",
        "--min-event", "1", "--threshold", "0.01",
    )  # fmt: skip
    assert said.status == 0
    assert len(pl.read_parquet("o/scores.parquet")) == 6  # 3 s in rows of half a second
    events = pl.read_parquet("o/detections.parquet")
    assert (events["end_s"] - events["start_s"]).min() >= 1


def test_a_deadline_says_what_it_cost(oscine, here, monkeypatch):
    monkeypatch.setattr("oscine.cli.scan.process_age_s", lambda: 59.5)
    said = oscine("scan", "bundle", "calls", "--deadline", "1m")
    assert said.status == 0
    assert said.out.startswith("2 recordings (0 scanned now), 0 detections")
    assert "left out for want of time: the whole recording in 2 recordings" in said.out
    monkeypatch.setattr("oscine.cli.scan.process_age_s", lambda: 0.0)
    assert "left out" not in oscine("scan", "bundle", "calls", "--deadline", "1m").out


def test_the_age_of_this_process_is_that_of_its_first_moment():
    age_s = process_age_s()
    time.sleep(0.2)
    assert 0.15 <= process_age_s() - age_s < 5  # the system counts in hundredths of a second
    assert age_s >= time.process_time() - 0.1


def test_a_recording_that_cannot_be_read_is_told_and_the_others_are_scanned(oscine, here):
    said = oscine("scan", "bundle", "bad.ogg", "calls")
    assert said.status == 0
    assert "1 findings" in said.out
    assert "  unreadable: bad.ogg: " in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bundle", "bad.ogg"], "no recording could be read"),
        (["bundle"], "nothing to scan"),
        (["calls"], "none of these is a bundle (calls)"),
        (["bundle", "calls", "--smoothing", "1,x"], "'1,x' is no list of numbers"),
        (["bundle", "calls", "--smoothing", "1,1"], "odd number of weights"),
        (["bundle", "calls", "--format", "nonsense"], "raven"),
        (["bundle", "calls", "--threshold", "2"], "threshold"),
        (["bundle", "calls", "--average", "median"], "average"),
        (["bundle", "calls", "--shifts", "0"], "none of them 0"),
        (["bundle", "calls", "--deadline", "soon"], "write it like 110m"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_scan_that_cannot_be_done_is_one_message(oscine, here, words, expected):
    said = oscine("scan", *words)
    assert said.status == 2
    assert said.err.count("error: ") == 1
    assert expected in said.err


def test_several_bundles_are_told_from_recordings_by_what_they_hold(here):
    make_bundle(here / "second", seed=1)
    paths = [Path(name) for name in ("bundle", "calls", "second", "*.wav")]
    bundles, recordings = split_bundles(paths)
    assert [path.name for path in bundles] == ["bundle", "second"]
    assert [path.name for path in recordings] == ["calls", "*.wav"]


@pytest.mark.parametrize(("text", "weights"), [("", []), (".1, .8,.1", [0.1, 0.8, 0.1])])
def test_weights_are_numbers_between_commas(text, weights):
    assert parse_numbers(text) == weights


def test_weights_that_are_none_are_a_typed_error():
    with pytest.raises(ScanError, match="write it like"):
        parse_numbers("one,two")


def test_urls_are_scanned_beside_files(oscine, here, web):
    make_recording(web.folder / "c.ogg", 2.0)
    said = oscine("scan", "bundle", f"{web.url}/c.ogg", "calls/a.ogg")
    assert said.out.startswith("2 recordings (2 scanned now), ")
    paths = pl.read_parquet("scan/scores.parquet")["filepath"].unique(maintain_order=True)
    assert paths.to_list() == [f"{web.url}/c.ogg", "calls/a.ogg"]


def test_a_back_end_that_is_not_installed_is_told_with_its_extra(oscine, here, monkeypatch):
    monkeypatch.setattr("fsspec.filesystem", _absent)
    said = oscine("scan", "bundle", "s3://bucket/a.ogg")
    assert said.status == 2
    assert "pip install 'oscine[remote]'" in said.err


def _absent(protocol, **options):
    raise ImportError(protocol)


def test_a_remote_bundle_is_none(oscine, here):
    said = oscine("scan", "https://example.org/bundle", "calls/a.ogg")
    assert said.status == 2
    assert "a folder on this machine" in said.err


def test_of_many_findings_of_a_kind_the_first_are_listed(oscine, here):
    for index in range(7):
        (here / "calls" / f"2024050{index}_043000.WAV").touch()
    said = oscine("scan", "bundle", "calls")
    assert said.out.count("the file has no bytes") == 5
    assert "empty: 2 more, see scan/findings.parquet" in said.out
