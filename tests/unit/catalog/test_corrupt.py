"""Lists of corrupt files."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from oscine.catalog import KNOWN_SILENT, drop_listed, read_corrupt_list, unmatched
from oscine.core import CatalogError, location
from unit.catalog.factories import recordings

TABLE = recordings(
    [
        {"filepath": "/kaggle/birdclef-2021/train_short_audio/houwre/XC590621.ogg"},
        {"filepath": "/data/2023/train_audio/houwre/XC590621.ogg"},
        {"filepath": "/data/2023/train_audio/norcar/XC5906.ogg"},
    ]
)


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (KNOWN_SILENT[0], ["XC2", "XC3"]),
        ("houwre/XC590621.ogg", ["XC3"]),
        ("./houwre/XC590621", ["XC3"]),
        ("XC5906", ["XC1", "XC2"]),
        ("XC5906.ogg", ["XC1", "XC2"]),
        ("/data/2023/train_audio/norcar/XC5906.ogg", ["XC1", "XC2"]),
        ("C5906.ogg", ["XC1", "XC2", "XC3"]),
        ("norcar\\XC5906.ogg", ["XC1", "XC2"]),
    ],
)
def test_an_entry_is_the_end_of_a_path(entry: str, kept: list[str]) -> None:
    outcome = drop_listed(TABLE, [entry])
    assert outcome.kept["xc_id"].to_list() == kept
    assert set(outcome.departures["reason"]) <= {"corrupt_list"}


YEARS = recordings(
    [
        {"filepath": "/d/a/train_audio/afrsil1/XC1.ogg", "birdclef": "22"},
        {"filepath": "/d/b/train_audio/afrsil1/XC1.ogg", "birdclef": "23"},
        {"filepath": "/d/own/train_audio/afrsil1/XC1.ogg", "birdclef": "own"},
        {"filepath": "/d/c/train_audio/aldfly/XC2.mp3", "birdclef": "20"},
    ]
)


@pytest.mark.parametrize(
    ("entry", "gone"),
    [
        ("../input/birdclef-2022/train_audio/afrsil1/XC1.ogg", ["XC1", "XC3"]),
        ("/kaggle/input/birdclef-2023/train_audio/afrsil1/XC1.ogg", ["XC2", "XC3"]),
        ("C:\\birds\\BirdCLEF2022\\train_audio\\afrsil1\\XC1.ogg", ["XC1", "XC3"]),
        ("gs://bucket/birdclef-2022/train_audio/afrsil1/XC1", ["XC1", "XC3"]),
        ("../input/birdclef-2021/train_short_audio/afrsil1/XC1.ogg", []),
        ("../input/birdsong-recognition/train_audio/aldfly/XC2.mp3", ["XC4"]),
        ("/elsewhere/train_audio/afrsil1/XC1.ogg", ["XC1", "XC2", "XC3"]),
        ("b/train_audio/afrsil1/XC1.ogg", ["XC2"]),
        ("afrsil1/XC1.ogg", ["XC1", "XC2", "XC3"]),
        ("..", []),
    ],
)
def test_where_a_published_path_begins_does_not_matter_but_its_year_does(
    entry: str, gone: list[str]
) -> None:
    outcome = drop_listed(YEARS, [entry])
    assert outcome.departures["xc_id"].to_list() == gone
    assert unmatched(YEARS, [entry]) == ([] if gone else [entry])


def test_an_entry_that_is_no_recording_is_told() -> None:
    entries = ["XC5906.ogg", "XC1", "norcar/XC5906", "XC1", *KNOWN_SILENT]
    assert unmatched(TABLE, entries) == ["XC1", KNOWN_SILENT[1]]


def test_a_recording_that_two_entries_mean_leaves_once() -> None:
    outcome = drop_listed(TABLE, ["XC5906", "norcar/XC5906.ogg"])
    assert outcome.departures["xc_id"].to_list() == ["XC3"]


def test_no_entries_take_nothing_out() -> None:
    assert drop_listed(TABLE, []).kept.equals(TABLE)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "# silent\na/1.ogg\n\nb/2.ogg # why\n"),
        ("list.json", '["a/1.ogg", {"filename": "b/2.ogg"}]'),
        ("list.csv", "reason,filepath\nsilent,a/1.ogg\nshort,b/2.ogg\n"),
        ("other.csv", "what\na/1.ogg\nb/2.ogg\n"),
        ("bom.txt", "\ufeffa/1.ogg\nb/2.ogg"),
        ("reasons.json", '{"a/1.ogg": "silent", "b/2.ogg": null}'),
        ("groups.JSON", '{"silent": ["a/1.ogg"], "short": ["b/2.ogg"]}'),
        ("files.json", '{"corrupt": ["a/1.ogg", "b/2.ogg"]}'),
        ("frame.json", '{"filepath": {"0": "a/1.ogg", "1": "b/2.ogg"}, "why": {"0": 1, "1": 2}}'),
        ("columns.json", '{"filename": ["a/1.ogg", "b/2.ogg"]}'),
        ("index.csv", ",Filename,why\n0,a/1.ogg,x\n1,b/2.ogg,y\n"),
        ("odd.csv", ",what\n0,a/1.ogg\n1,b/2.ogg\n"),
        ("bare.csv", "a/1.ogg\nb/2.ogg\n"),
        ("excel.csv", "\ufefffile;why\na/1.ogg;x\nb/2.ogg;y\n"),
        ("list.tsv", "why\tpath\nx\ta/1.ogg\n\ny\tb/2.ogg\n"),
    ],
)
def test_lists_of_every_form_are_read(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_corrupt_list(path) == ["a/1.ogg", "b/2.ogg"]


@pytest.mark.parametrize("text", ["[1, 2]", '[{"reason": "silent"}]', "not json"])
def test_json_without_files_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(CatalogError, match=r"list\.json"):
        read_corrupt_list(path)


def test_a_list_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"PAR1\xff\xfe")
    with pytest.raises(CatalogError, match="this is no text"):
        read_corrupt_list(path)


@pytest.mark.parametrize("name", ["list.csv", "list.txt"])
def test_an_empty_list_names_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("\n")
    assert read_corrupt_list(tmp_path / name) == []


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such list"):
        read_corrupt_list(tmp_path / "no.txt")


@pytest.mark.parametrize(
    ("name", "text"),
    [("l.txt", "a/1.ogg\n"), ("l.json", '["a/1.ogg"]'), ("l.csv", "filename\na/1.ogg\n")],
)
def test_a_list_may_be_remote(name: str, text: str, bucket: str) -> None:
    fsspec.filesystem("memory").pipe(f"{bucket}/{name}", text.encode())
    assert read_corrupt_list(location(f"{bucket}/{name}")) == ["a/1.ogg"]


def test_a_remote_list_that_is_not_there_is_an_error(bucket: str) -> None:
    with pytest.raises(CatalogError, match="nothing is there"):
        read_corrupt_list(location(f"{bucket}/no.txt"))
