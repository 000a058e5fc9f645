"""A folder per species."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.core import SourceError


def folder(root: Path, *names: str) -> CatalogConfig:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"audio")
    return CatalogConfig(name="mine", source="folder", path=root, role="target")


def test_equal_names_in_two_folders_are_two_recordings(tmp_path: Path) -> None:
    table = read_catalog(folder(tmp_path, "Saker Falcon/3.mp3", "Steppe Eagle/3.mp3"))
    assert table["xc_id"].to_list() == ["mine/Saker Falcon/3", "mine/Steppe Eagle/3"]
    assert table["primary_label"].to_list() == ["Saker Falcon", "Steppe Eagle"]


@pytest.mark.parametrize(
    ("name", "xc_id"),
    [
        ("XC77.ogg", "XC77"),
        ("XC77 - Saker Falcon - Falco cherrug.mp3", "XC77"),
        ("iNat5.wav", "iNat5"),
        ("XC77_2.ogg", "mine/a/XC77_2"),
        ("3.v2.ogg", "mine/a/3.v2"),
    ],
)
def test_an_archives_id_stays_one(name: str, xc_id: str, tmp_path: Path) -> None:
    assert read_catalog(folder(tmp_path, f"a/{name}"))["xc_id"].to_list() == [xc_id]


def test_deeper_folders_belong_to_the_first_one(tmp_path: Path) -> None:
    table = read_catalog(folder(tmp_path, "a/session 1/x.flac"))
    assert table["recording_id"].to_list() == ["mine/a/session 1/x.flac"]
    assert table["primary_label"].to_list() == ["a"]


def test_other_hidden_and_loose_files_are_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = ("a/1.WAV", "a/notes.txt", "a/._1.wav", ".cache/a/2.wav", "loose.mp3")
    table = read_catalog(folder(tmp_path, *names))
    assert table["filename"].to_list() == ["1.WAV"]
    assert table["file_type"].to_list() == ["wav"]
    assert "1 files lie in no species folder" in caplog.text


def test_a_folder_without_recordings_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no subfolder has audio files"):
        read_catalog(folder(tmp_path, "a/readme.md"))
