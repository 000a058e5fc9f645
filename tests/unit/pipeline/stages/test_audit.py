from __future__ import annotations

import logging
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import soundfile
from polars.testing import assert_frame_equal

from chirps import chirps
from oscine.catalog import PARTS
from oscine.catalog.measured import MEASURED
from oscine.core import QUARANTINE, ConfigError, TrainingError, generator
from oscine.pipeline import load_recipe, run
from oscine.pipeline.stages import audit
from speech_model import write_stand_in
from tiny_run import TinyRun

TABLES = ("audit", "findings", "departures", "matches", "clusters", "speech", *PARTS)


@pytest.fixture(scope="module")
def planted(tiny_run):
    return tiny_run.elsewhere(tiny_run.chorus).json("provenance.json")["planted"]


def absolute(run, paths):
    return {str(run.chorus / path) for path in paths}


def found(run, reason):
    return set(run.table("audit/findings.parquet").filter(reason=reason)["filepath"])


@pytest.mark.parametrize("reason", ["truncated", "empty", "unreadable", "silent", "non_finite"])
def test_the_audit_finds_exactly_the_defects_that_were_planted(tiny_run, planted, reason):
    assert found(tiny_run, reason) == absolute(tiny_run, planted[reason]) != set()


def test_it_finds_no_defect_that_was_not_planted(tiny_run, planted):
    fatal = {reason.value for reason in QUARANTINE}
    kept_out = tiny_run.table("audit/findings.parquet").filter("quarantined")
    assert set(kept_out["reason"]) <= fatal
    assert len(kept_out) == sum(len(planted.get(reason, [])) for reason in fatal)


def test_a_recording_under_two_labels_is_a_warning_and_a_cluster(tiny_run, planted):
    (pair,) = planted["label_conflict"]
    assert found(tiny_run, "label_conflict") == absolute(tiny_run, pair)
    clusters = tiny_run.table("audit/clusters.parquet")
    assert len(clusters) == 2
    assert clusters["cluster"].n_unique() == 1


def test_of_files_with_the_same_bytes_one_stays(tiny_run, planted):
    (pair,) = planted["duplicate_bytes"]
    stay = set(tiny_run.table("audit/target.parquet")["filepath"])
    assert len(stay & absolute(tiny_run, pair)) == 1
    gone = tiny_run.table("audit/departures.parquet").filter(reason="duplicate_bytes")
    assert len(gone) == 1


def test_no_defective_file_is_trained_on(tiny_run, planted):
    defects = set().union(*(absolute(tiny_run, planted[r]) for r in QUARANTINE if r in planted))
    tables = pl.concat([tiny_run.table(f"audit/{part}.parquet") for part in PARTS])
    assert not defects & set(tables["filepath"])


@pytest.mark.parametrize("part", PARTS)
def test_the_account_of_rows_goes_on_where_the_merge_ended(tiny_run, part):
    start = len(tiny_run.table(f"catalog/{part}.parquet"))
    own = [s for s in tiny_run.json("audit/waterfall.json")["steps"] if s["part"] == part]
    end = len(tiny_run.table(f"audit/{part}.parquet"))
    assert own[0]["rows"] + own[0]["removed"] == start
    assert start - sum(step["removed"] for step in own) == own[-1]["rows"] == end


def test_every_row_that_left_is_in_the_departures(tiny_run):
    removed = sum(s["removed"] for s in tiny_run.json("audit/waterfall.json")["steps"])
    assert len(tiny_run.table("audit/departures.parquet")) == removed


def test_lengths_in_the_audit_are_those_of_the_files(tiny_run):
    good = tiny_run.table("audit/target.parquet").join(
        tiny_run.table("audit/audit.parquet"), on="recording_id"
    )
    lengths = [soundfile.info(path).duration for path in good["filepath"]]
    assert good["duration_s"].to_list() == pytest.approx(lengths, abs=1e-3)  # one ogg packet


@pytest.fixture
def in_parts(tiny_run, tmp_path, monkeypatch):
    """An audit that wrote its measurements ten files at a time, and was killed at the end."""
    monkeypatch.setattr(audit, "PART_ROWS", 10)
    run = tiny_run.elsewhere(tmp_path / "run")
    run.run(stages=["audit"])
    record = run.path / "stages" / "audit.json"
    record.rename(record.with_suffix(".begun"))
    return run


def test_parts_hold_every_file_once(in_parts, tiny_run):
    parts = sorted((in_parts.path / "audit" / "parts").iterdir())
    paths = pl.concat([pl.read_parquet(part) for part in parts])["filepath"].to_list()
    assert [len(pl.read_parquet(part)) for part in parts] == [10] * 6 + [4]
    assert sorted(paths) == sorted(set(tiny_run.table("audit/audit.parquet")["filepath"]))


def test_a_killed_audit_measures_only_what_is_missing_and_ends_the_same(
    in_parts, tiny_run, monkeypatch
):
    parts = sorted((in_parts.path / "audit" / "parts").iterdir())
    lost = pl.concat([pl.read_parquet(part) for part in parts[5:]])["filepath"].to_list()
    for part in parts[5:]:
        part.unlink()
    measured = []
    measure_all = audit.measure_all

    def spy(paths, workers, fingerprint):
        measured.extend(map(str, paths))
        return measure_all(paths, workers, fingerprint)

    monkeypatch.setattr(audit, "measure_all", spy)
    rows = in_parts.run(stages=["audit"])
    assert rows["audit"]["status"] == "done"
    assert sorted(measured) == sorted(lost)
    assert not (in_parts.path / "superseded").exists()
    for name in TABLES:
        assert_frame_equal(
            in_parts.table(f"audit/{name}.parquet"), tiny_run.table(f"audit/{name}.parquet")
        )


RECIPE = """\
name: copies
catalogs:
  - {name: old, source: folder, path: old, role: pretrain}
  - {name: new, source: folder, path: new, role: target}
audio: {window_s: 2.0}
"""


def write(path, waveform):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, waveform, 32_000)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Two catalogs of folders that hold copies and cuts of four songs."""
    home = tmp_path_factory.mktemp("copies")
    a, b, c, d = (chirps(seed, 5.0, 32_000) for seed in range(4))
    write(home / "new/brant/a.wav", a)
    write(home / "new/brant/a_copy.mp3", 0.5 * a)
    write(home / "new/brant/b.wav", b)
    write(home / "new/brant/b_cut.ogg", b[50_000:130_000])
    write(home / "new/brant/b_half.flac", np.concatenate([b[100_000:], d[:100_000]]))
    write(home / "new/gadwal/a_too.flac", a)
    write(home / "new/gadwal/c.wav", c)
    write(home / "old/skylar/c_cut.mp3", c[:96_000])
    write(home / "old/skylar/e.wav", chirps(9, 5.0, 32_000))
    (home / "copies.yaml").write_text(RECIPE, encoding="utf-8")
    made = TinyRun(home, home / "run")
    run(load_recipe(str(home / "copies.yaml")), made.path, ["audit"], command=[])
    return made


def test_copies_and_cuts_of_one_label_leave(copies):
    gone = copies.table("audit/departures.parquet")
    rows = {row["recording_id"]: row for row in gone.iter_rows(named=True)}
    assert {key: row["reason"] for key, row in rows.items()} == {
        "new/brant/a_copy.mp3": "duplicate_audio",
        "new/brant/b_cut.ogg": "duplicate_audio",
        "old/skylar/c_cut.mp3": "target_overlap",
    }
    assert rows["new/brant/b_cut.ogg"]["detail"].startswith("seconds 1.56-4.06 of new/brant/b.wav")


def test_audio_under_two_labels_is_a_conflict_and_a_cluster(copies):
    conflicts = copies.table("audit/findings.parquet").filter(reason="label_conflict")
    assert "new/gadwal/a_too.flac" in conflicts["recording_id"].to_list()
    clusters = copies.table("audit/clusters.parquet").group_by("cluster").agg("recording_id")
    members = sorted(sorted(ids) for ids in clusters["recording_id"].to_list())
    assert members[0] == ["new/brant/a.wav", "new/gadwal/a_too.flac"]
    assert members[1] == ["new/brant/b.wav", "new/brant/b_half.flac"]


def test_matches_say_where_and_how_much(copies):
    matches = copies.table("audit/matches.parquet")
    pair = {"recording_id": "new/brant/b.wav", "other": "new/brant/b_half.flac"}
    (half,) = matches.filter(**pair).iter_rows(named=True)
    assert half["offset_s"] == pytest.approx(100_000 / 32_000, abs=1e-3)
    assert half["overlap_s"] == pytest.approx(60_000 / 32_000, abs=1e-3)
    assert half["score"] > 0.9


def test_the_search_for_shared_audio_can_be_switched_off(copies, tmp_path):
    made = replace(copies, path=tmp_path / "run")
    recipe = load_recipe(str(copies.home / "copies.yaml"), ["audit.shared_audio=false"])
    run(recipe, made.path, ["audit"], command=[])
    assert made.table("audit/matches.parquet").is_empty()
    assert made.table("audit/departures.parquet").is_empty()
    assert made.table("audit/parts/000000.parquet")["at_ms"].null_count() == 9


@pytest.fixture
def unaudited(tiny_run, tmp_path, monkeypatch, caplog):
    """A run whose recipe switches the audit off; decoding anything whole would raise."""
    monkeypatch.setattr(audit, "measure_all", None)
    run = tiny_run.elsewhere(tmp_path / "run")
    with caplog.at_level(logging.WARNING, "oscine"):
        run.run("audit.enabled=false", "audio.cache=none", stages=["folds"])
    return run


def test_an_audit_that_is_switched_off_says_so_loudly(unaudited, caplog):
    said = [record.message for record in caplog.get_records("setup")]
    assert any("SWITCHED OFF" in text for text in said)
    assert any("2 of 64 files are absent or have no header" in text for text in said)


def test_without_an_audit_lengths_come_from_the_headers(unaudited, tiny_run):
    rows = unaudited.table("audit/audit.parquet").join(
        tiny_run.table("audit/audit.parquet"), on="recording_id", suffix="_decoded"
    )
    whole = rows.filter(pl.col("reason_decoded").is_null(), pl.col("duration_s").is_not_null())
    promised = whole["promised_s_decoded"].to_list()
    assert whole["duration_s"].to_list() == pytest.approx(promised, abs=1e-3)  # one ogg packet
    assert rows["duration_s"].null_count() == 2
    assert rows["peak"].null_count() == len(rows)


def test_without_an_audit_nothing_is_found_and_nothing_leaves(unaudited):
    assert set(unaudited.table("audit/findings.parquet")["reason"]) <= {"label_conflict"}
    assert len(unaudited.table("audit/departures.parquet")) == 0
    before, after = (unaudited.table(f"{stage}/target.parquet") for stage in ("catalog", "audit"))
    assert after.drop(MEASURED).equals(before.drop(MEASURED))


@pytest.mark.parametrize("part", PARTS)
def test_the_recordings_carry_what_was_measured(tiny_run, part):
    audit = tiny_run.table("audit/audit.parquet").select("recording_id", *MEASURED)
    table = tiny_run.table(f"audit/{part}.parquet").select("recording_id", *MEASURED)
    assert table.join(audit, on=["recording_id", *MEASURED], how="anti").is_empty()
    assert table["content_hash"].null_count() == 0
    assert tiny_run.table(f"catalog/{part}.parquet")["duration_s"].null_count() > 0


def test_without_an_audit_no_decoder_is_asked_about_an_absent_file(tmp_path, monkeypatch):
    """A catalog's table without its audio names tens of thousands of them."""
    monkeypatch.setattr(audit, "probe", None)
    row = audit._header(str(tmp_path / "absent.ogg"))
    assert row["filepath"].endswith("absent.ogg")
    assert row["duration_s"] is None


def test_a_target_of_which_nothing_is_left_is_a_typed_error(tiny_run, tmp_path):
    with pytest.raises(TrainingError, match="no target recording passed the audit"):
        tiny_run.elsewhere(tmp_path / "run").run("audit.silence_dbfs=-1e-6", stages=["audit"])


def test_a_class_that_lost_all_its_recordings_is_named(tiny_run, tmp_path, caplog):
    loudest = (
        tiny_run.table("audit/target.parquet")
        .join(tiny_run.table("audit/audit.parquet"), on="recording_id")
        .group_by("primary_label")
        .agg(pl.col("peak").max())
        .sort("peak")
    )
    label, peak = loudest.row(0)
    floor_dbfs = 20 * math.log10(peak) + 0.01  # just above the loudest recording of that class
    with caplog.at_level(logging.WARNING, "oscine"):
        tiny_run.elsewhere(tmp_path / "run").run(
            f"audit.silence_dbfs={floor_dbfs}", stages=["audit"]
        )
    said = [record.message for record in caplog.records]
    assert f"audit: class {label} of target lost all its recordings" in said


def test_licences_and_recordists_account_for_what_is_left(tiny_run):
    parts = {part: tiny_run.table(f"audit/{part}.parquet") for part in PARTS}
    ledger = tiny_run.table("audit/licenses.parquet")
    counts = dict(ledger.group_by("part").agg(pl.col("recordings").sum()).iter_rows())
    assert counts == {part: len(table) for part, table in parts.items()}
    hours = sum(table["duration_s"].sum() for table in parts.values()) / 3600
    assert ledger["hours"].sum() == pytest.approx(hours)
    named = tiny_run.table("audit/attribution.parquet")
    assert named["recordings"].sum() == sum(map(len, parts.values()))
    authors = {author for table in parts.values() for author in table["author"]}
    assert set(named["author"]) == authors


TALK = """\
name: talk
catalogs:
  - {name: new, source: folder, path: new, role: target}
audio: {window_s: 2.0}
audit: {speech: true, speech_model: stand-in.onnx}
"""
"""Loudness stands for a voice."""


def noise(loud_s: tuple[float, float], seed: int) -> np.ndarray:
    time_s = np.arange(6 * 32_000) / 32_000
    level = np.where((time_s >= loud_s[0]) & (time_s < loud_s[1]), 0.3, 1e-2)
    return level * generator(seed, "talk").standard_normal(len(time_s))


@pytest.fixture
def talk(tmp_path):
    """Four recordings: loud at the start, at the end, nowhere, and one that is broken."""
    write(tmp_path / "new/brant/a.wav", noise((0.0, 2.0), 1))
    write(tmp_path / "new/brant/b.wav", noise((4.5, 6.0), 2))
    write(tmp_path / "new/gadwal/c.wav", noise((0.0, 0.0), 3))
    (tmp_path / "new/gadwal/d.wav").write_bytes(b"no audio")
    write_stand_in(tmp_path / "stand-in.onnx")
    (tmp_path / "talk.yaml").write_text(TALK, encoding="utf-8")
    return TinyRun(tmp_path, tmp_path / "run")


def build(talk, *overrides):
    recipe = load_recipe(str(talk.home / "talk.yaml"), overrides)
    return run(recipe, talk.path, ["audit"], command=[])


def test_recordings_in_which_a_person_talks_are_warned_of_and_stay(talk):
    build(talk)
    told = talk.table("audit/findings.parquet").filter(reason="human_speech")
    assert told["recording_id"].to_list() == ["new/brant/a.wav", "new/brant/b.wav"]
    assert told["detail"].str.starts_with("2.0 s of 6.0 s: at 0.0-").to_list() == [True, False]
    assert not told["quarantined"].any()
    assert len(talk.table("audit/target.parquet")) == 3
    speech = talk.table("audit/speech.parquet")
    assert speech["start_s"].to_list() == pytest.approx([0.0, 4.5], abs=0.1)
    assert speech["end_s"].to_list() == pytest.approx([2.0, 6.0], abs=0.1)


def test_only_recordings_that_passed_are_listened_to(talk):
    build(talk)
    heard = talk.table("audit/parts/speech-000000.parquet")["filepath"]
    assert sorted(path.rpartition("/")[2] for path in heard) == ["a.wav", "b.wav", "c.wav"]


def test_nobody_is_listened_for_unless_asked(talk, monkeypatch):
    monkeypatch.setattr(audit, "hear_all", None)
    build(talk, "audit.speech=false")
    assert talk.table("audit/speech.parquet").is_empty()
    assert "human_speech" not in talk.table("audit/findings.parquet")["reason"]


def test_a_killed_search_for_speech_goes_on_and_ends_the_same(talk, monkeypatch):
    monkeypatch.setattr(audit, "HEARD_ROWS", 2)
    build(talk)
    whole = {name: talk.table(f"audit/{name}.parquet") for name in ("speech", "findings")}
    (talk.path / "audit/parts/speech-000001.parquet").unlink()
    record = talk.path / "stages" / "audit.json"
    record.rename(record.with_suffix(".begun"))
    listened, hear_all = [], audit.hear_all

    def spy(paths, *settings):
        listened.extend(paths)
        return hear_all(paths, *settings)

    monkeypatch.setattr(audit, "hear_all", spy)
    build(talk)
    assert [path.rpartition("/")[2] for path in listened] == ["c.wav"]
    for name, table in whole.items():
        assert_frame_equal(talk.table(f"audit/{name}.parquet"), table)


def test_a_speech_model_that_is_not_there_fails_before_anything_is_decoded(talk, monkeypatch):
    monkeypatch.setattr(audit, "measure_all", None)
    with pytest.raises(ConfigError, match="no usable model of speech"):
        build(talk, "audit.speech_model=gone.onnx")


def test_without_silero_vad_the_error_says_how_to_install_it(talk, monkeypatch):
    monkeypatch.setattr(audit, "measure_all", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps silero-vad"):
        build(talk, "audit.speech_model=null")


def test_another_speech_model_makes_the_audit_stale(talk):
    build(talk)
    write_stand_in(talk.home / "other.onnx")
    again, other = build(talk), build(talk, "audit.speech_model=other.onnx")
    assert [rows[-1]["status"] for rows in (again, other)] == ["skipped", "done"]
