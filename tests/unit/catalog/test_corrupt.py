"""Lists of corrupt files."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from oscine.catalog import KNOWN_SILENT, drop_listed, read_corrupt_list
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
