from __future__ import annotations

import os

import fsspec
import polars as pl
import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.core import RemoteError, location
from oscine.pipeline.outside import catalog_state, recording_states, state, states
from unit.catalog.published import TABLES, publish

KINDS = ["birdclef2023", "birdclef2020", "xeno_canto_extended", "folder", "table"]


def beside(folder):
    """Add what no source reads: labels of soundscapes, notes, a soundscape."""
    (folder / "train_soundscapes").mkdir()
    (folder / "train_soundscapes" / "long.txt").write_text("notes")
    (folder / "train_soundscape_labels.csv").write_text("row_id,birds\n")
    (folder / "notes.csv").write_text("x\n")


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_beside_a_catalog_is_no_part_of_its_state(kind, tmp_path):
    config = publish(kind, tmp_path)
    before = catalog_state(config)
    beside(tmp_path)
    assert catalog_state(config) == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "folder"])
def test_a_changed_table_is_another_state(kind, tmp_path):
    config = publish(kind, tmp_path)
    before = catalog_state(config)
    os.utime(tmp_path / TABLES.get(kind, "train_metadata.csv"), (1e9, 1e9))
    assert catalog_state(config) != before


def test_a_new_recording_is_another_state_of_a_folder(tmp_path):
    config = publish("folder", tmp_path)
    before = catalog_state(config)
    (tmp_path / "norcar" / "XC9.ogg").touch()
    assert catalog_state(config) != before


def test_a_half_that_arrives_is_another_state(tmp_path):
    config = publish("xeno_canto_extended", tmp_path)
    before = catalog_state(config)
    (tmp_path / "N-Z").rename(tmp_path / "away")
    assert catalog_state(config) != before


def test_a_catalog_that_is_not_there_has_a_state_too(tmp_path):
    config = CatalogConfig(name="x", source="birdclef2023", path=tmp_path / "no", role="target")
    ((table,), names) = catalog_state(config)
    assert table[1:] == (-1, -1)
    assert names == []


def test_an_absent_file_has_a_state_of_its_own(tmp_path, bucket):
    assert state(tmp_path / "x") == (str(tmp_path / "x"), -1, -1)
    assert state(f"{bucket}/x") == (f"{bucket}/x", -1, -1)


def test_states_keep_their_order(tmp_path):
    (tmp_path / "b").write_bytes(b"12")
    found = states([tmp_path / "a", tmp_path / "b"])
    assert [row[1] for row in found] == [-1, 2]


@pytest.fixture
def in_bucket(tmp_path, bucket):
    """A catalog of 2023 in a bucket: its settings and its recordings."""
    memory = fsspec.filesystem("memory")
    config = publish("birdclef2023", tmp_path)
    for path in tmp_path.rglob("*.*"):
        memory.pipe(f"{bucket}/y/{path.relative_to(tmp_path).as_posix()}", path.read_bytes())
    return config.model_copy(update={"path": location(f"{bucket}/y")})


def test_recordings_in_a_bucket_are_told_by_one_listing(in_bucket, monkeypatch):
    table = read_catalog(in_bucket)
    memory = fsspec.filesystem("memory")
    asked = []
    find, info = type(memory).find, type(memory).info
    monkeypatch.setattr(type(memory), "find", lambda *a, **k: asked.append("find") or find(*a, **k))
    monkeypatch.setattr(type(memory), "info", lambda *a, **k: asked.append("info") or info(*a, **k))
    found = recording_states(table)
    assert asked == ["find"]
    assert [row[0] for row in found] == table["filepath"].to_list()
    assert all(row[1] > 0 for row in found)


def test_a_recording_that_changed_in_a_bucket_is_another_state(in_bucket):
    table = read_catalog(in_bucket)
    before = recording_states(table)
    fsspec.filesystem("memory").pipe(table["filepath"][1], b"other")
    after = recording_states(table)
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False, True]


def test_a_recording_that_left_a_bucket_is_absent(in_bucket):
    table = read_catalog(in_bucket)
    fsspec.filesystem("memory").rm(table["filepath"][0])
    assert recording_states(table)[0][1:] == (-1, -1)


def test_recordings_on_the_web_are_told_by_their_urls_and_nobody_is_asked(web):
    publish("birdclef2023", web.folder)
    config = CatalogConfig(name="w", source="birdclef2023", path=web.url, role="target")
    table = read_catalog(config)
    asked = len(web.asked)
    found = recording_states(table)
    assert len(web.asked) == asked
    assert [row[0] for row in found] == table["filepath"].to_list()


def test_files_here_and_elsewhere_are_told_each_once(tmp_path, in_bucket):
    there = read_catalog(in_bucket)
    here = read_catalog(in_bucket.model_copy(update={"path": tmp_path, "name": "here"}))
    found = recording_states(pl.concat([there, here, there]))
    assert [row[0] for row in found] == [*there["filepath"], *here["filepath"]]
    assert all(row[1] > 0 for row in found)


def test_a_table_on_a_server_that_does_not_answer_is_an_error():
    config = CatalogConfig(
        name="x", source="birdclef2023", path="http://127.0.0.1:9/x", role="target"
    )
    with pytest.raises(RemoteError, match="cannot be reached"):
        catalog_state(config)
