"""Tables beside recordings."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import polars as pl
import pytest

from oscine.catalog import SourceConfig
from oscine.catalog.beside import (
    AudioFolder,
    files_below,
    hint_of,
    is_audio,
    read_tables,
    read_text,
)
from oscine.core import SourceError


def fill(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")
    return root


def find(root: Path, hint: str, table: str = "t.txt") -> str:
    return AudioFolder(root).find(PurePosixPath(hint), PurePosixPath(table))


@pytest.mark.parametrize(
    "hint", ["rec", "REC", "rec.wav", "REC.WAV", "/elsewhere/rec.wav", "rec.flac"]
)
def test_a_recording_is_found_by_its_name_whatever_else_is_said(tmp_path: Path, hint: str) -> None:
    assert find(fill(tmp_path, "audio/rec.wav", "other.wav"), hint) == "audio/rec.wav"


def test_a_name_with_dots_is_no_name_with_an_extension(tmp_path: Path) -> None:
    assert find(fill(tmp_path, "rec.2018.wav"), "rec.2018") == "rec.2018.wav"


@pytest.mark.parametrize(
    ("hint", "table"),
    [
        ("/data/2019/b/rec.wav", "t.txt"),  # its folders say which
        ("rec", "b/t.txt"),  # the table's folder says which
        ("/data/elsewhere/rec.wav", "tables/b/t.txt"),
    ],
)
def test_of_equal_names_the_folders_decide(tmp_path: Path, hint: str, table: str) -> None:
    root = fill(tmp_path, "a/rec.wav", "b/rec.wav", "c/rec.wav")
    assert find(root, hint, table) == "b/rec.wav"


def test_of_equal_names_the_one_beside_the_table_comes_first(tmp_path: Path) -> None:
    assert find(fill(tmp_path, "rec.wav", "copy/rec.wav"), "rec") == "rec.wav"


def test_names_that_nothing_tells_apart_are_an_error_that_gives_both(tmp_path: Path) -> None:
    root = fill(tmp_path, "rec.wav", "rec.mp3")
    with pytest.raises(SourceError, match=r"t\.txt may be about rec\.mp3 and about rec\.wav"):
        find(root, "rec")


@pytest.mark.parametrize(("hint", "expected"), [("gone.mp3", "s/gone.mp3"), ("gone", "s/gone.wav")])
def test_a_recording_that_is_not_there_is_expected_beside_its_table(
    tmp_path: Path, hint: str, expected: str
) -> None:
    assert find(tmp_path / "nowhere", hint, "s/t.txt") == expected


def test_hidden_files_are_not_listed(tmp_path: Path) -> None:
    root = fill(tmp_path, "a.wav", ".b.wav", ".hidden/c.wav", "d.txt", "E.WAV")
    assert sorted(map(str, files_below(root, frozenset({"wav"})))) == ["E.WAV", "a.wav"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Höhe".encode(), "Höhe"),
        ("Höhe".encode("utf-8-sig"), "Höhe"),
        ("Höhe".encode("cp1252"), "Höhe"),
    ],
)
def test_texts_of_other_programs_are_read(tmp_path: Path, raw: bytes, text: str) -> None:
    (tmp_path / "t.txt").write_bytes(raw)
    assert read_text(tmp_path / "t.txt") == text


def test_paths_of_other_systems_are_hints() -> None:
    assert hint_of(r"D:\site 3\x.WAV").parts[-2:] == ("site 3", "x.WAV")
    assert is_audio(hint_of(r"D:\site 3\x.WAV"))
    assert not is_audio(hint_of("notes.txt"))


def parse(text: str, where: Path) -> pl.DataFrame | None:
    return pl.DataFrame({"text": [text]}) if text.startswith("table") else None


def config(root: Path, **settings: str) -> SourceConfig:
    return SourceConfig(name="mine", path=root, **settings)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    fill(tmp_path, "b/two.txt", "one.txt", "readme.txt")
    (tmp_path / "b/two.txt").write_text("table 2")
    (tmp_path / "one.txt").write_text("table 1")
    return tmp_path


def test_every_table_is_read_and_other_texts_are_named(
    catalog: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tables = read_tables(config(catalog), parse)
    assert [(str(table.path), table.rows.item()) for table in tables] == [
        ("b/two.txt", "table 2"),
        ("one.txt", "table 1"),
    ]
    assert "1 text files are no tables, ignored: readme.txt" in caplog.text


@pytest.mark.parametrize(("table", "expected"), [("b", ["two.txt"]), ("b/two.txt", ["b/two.txt"])])
def test_a_folder_of_tables_or_one_table_can_be_named(
    catalog: Path, table: str, expected: list[str]
) -> None:
    assert [str(one.path) for one in read_tables(config(catalog, table=table), parse)] == expected


def test_tables_that_say_nothing_are_an_error(catalog: Path) -> None:
    with pytest.raises(SourceError, match="2 tables, and nothing is annotated"):
        read_tables(config(catalog), lambda text, _: None if text == "x" else pl.DataFrame())


@pytest.mark.parametrize(
    ("table", "message"), [("readme.txt", "none is such a table"), ("gone", "no such table")]
)
def test_no_table_is_an_error(catalog: Path, table: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_tables(config(catalog, table=table), parse)
