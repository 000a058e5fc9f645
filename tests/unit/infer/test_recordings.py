from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from oscine.core import ScanError, location, texts_below
from oscine.infer.recordings import find_recordings
from web import Web


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.ogg", "a.WAV", "notes.txt", "deep/er/c.mp3", "x[1].flac"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(paths: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in paths]


def test_a_folder_gives_its_audio_deeply_and_sorted(folder: Path) -> None:
    found = names(find_recordings([folder]), folder)
    assert found == ["a.WAV", "b.ogg", "deep/er/c.mp3", "x[1].flac"]


def test_hidden_files_of_a_memory_card_are_no_recordings(folder: Path) -> None:
    for name in ("._b.ogg", ".Trashes/gone.wav"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert "b.ogg" in names(find_recordings([folder]), folder)
    assert len(find_recordings([folder])) == 4


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.ogg", ["b.ogg"]),
        ("**/*.mp3", ["deep/er/c.mp3"]),
        ("[ab].*", ["a.WAV", "b.ogg"]),
        ("d??p", ["deep/er/c.mp3"]),
    ],
)
def test_a_glob_gives_its_matches(folder: Path, pattern: str, expected: list[str]) -> None:
    assert names(find_recordings([folder / pattern]), folder) == expected


def test_a_relative_glob_gives_relative_paths(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert find_recordings([Path("*.ogg")]) == [Path("b.ogg")]


def test_a_name_with_brackets_is_a_name_first(folder: Path) -> None:
    assert names(find_recordings([folder / "x[1].flac"]), folder) == ["x[1].flac"]


def test_a_named_file_may_end_in_anything_and_need_not_exist(folder: Path) -> None:
    paths = [folder / "notes.txt", folder / "gone.wav"]
    assert find_recordings(paths) == paths


def test_a_recording_named_twice_is_scanned_once(folder: Path) -> None:
    found = find_recordings([folder / "b.ogg", folder, folder / "*.ogg"])
    assert names(found, folder) == ["b.ogg", "a.WAV", "deep/er/c.mp3", "x[1].flac"]


@pytest.mark.parametrize("name", ["empty", "*.aac"])
def test_a_folder_or_glob_without_audio_is_refused(folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(ScanError, match="no recording here"):
        find_recordings([folder / name])


def test_no_path_is_refused() -> None:
    with pytest.raises(ScanError, match="nothing to scan"):
        find_recordings([])


@pytest.fixture
def places(folder: Path, bucket: str, web: Web) -> list[str]:
    """The folder's files in a bucket and on the web, and a folder of texts."""
    (folder / "texts").mkdir()
    (folder / "texts" / "readme.txt").touch()
    for path in folder.rglob("*.*"):
        if path.is_file() and web.folder not in path.parents:
            name = path.relative_to(folder)
            fsspec.filesystem("memory").pipe(f"{bucket}/{name}", b"x")
            (web.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (web.folder / name).write_bytes(b"x")
    return [bucket, web.url]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["a.WAV", "b.ogg", "deep/er/c.mp3", "x[1].flac"]),
        ("deep", ["deep/er/c.mp3"]),
        ("deep/er/", ["deep/er/c.mp3"]),
        ("*.ogg", ["b.ogg"]),
        ("**/*.mp3", ["deep/er/c.mp3"]),
        ("d*p", ["deep/er/c.mp3"]),
        ("b.ogg", ["b.ogg"]),
        ("gone.ogg", ["gone.ogg"]),
        ("notes.txt", ["notes.txt"]),
    ],
)
def test_urls_are_expanded_like_paths(places: list[str], asked: str, expected: list[str]) -> None:
    for root in places:
        found = find_recordings([location(f"{root}/{asked}")])
        assert [str(url) for url in found] == texts_below(location(root), expected)


def test_a_bucket_knows_a_name_with_brackets_as_a_name_first(places: list[str]) -> None:
    url = location(f"{places[0]}/x[1].flac")
    assert find_recordings([url]) == [url]


@pytest.mark.parametrize("asked", ["texts", "*.aac"])
def test_a_remote_folder_or_glob_without_audio_is_refused(places: list[str], asked: str) -> None:
    for root in places:
        with pytest.raises(ScanError, match="no recording here"):
            find_recordings([location(f"{root}/{asked}")])


def test_paths_and_urls_stand_in_the_order_given(folder: Path, places: list[str]) -> None:
    asked = [location(f"{places[0]}/b.ogg"), folder / "b.ogg", location(f"{places[0]}/*.ogg")]
    assert find_recordings(asked) == asked[:2]


def test_a_server_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(ScanError, match="cannot be reached"):
        find_recordings([location("http://127.0.0.1:9/folder")])
