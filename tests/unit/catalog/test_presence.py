from __future__ import annotations

from pathlib import Path

import fsspec
import polars as pl
import pytest

from oscine.catalog.presence import LOOKED_AT, files_there, require_audio, spread
from oscine.catalog.reading import SourceConfig
from oscine.core import SourceError, location

NAMES = ["a/1.ogg", "a/2.ogg", "b/3.ogg"]


def make(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


@pytest.fixture
def places(tmp_path, bucket, web):
    """The same two files of three, here, in a bucket and on the web."""
    make(tmp_path / "here", *NAMES[:2])
    make(web.folder, *NAMES[:2])
    for name in NAMES[:2]:
        fsspec.filesystem("memory").pipe(f"{bucket}/{name}", b"x")
    return [tmp_path / "here", location(bucket), location(web.url)]


def test_the_files_that_are_there_are_told_wherever_they_are(places):
    assert [files_there(place, NAMES) for place in places] == [set(NAMES[:2])] * 3


def test_one_file_of_those_looked_for_is_enough(places):
    for place in places:
        require_audio(SourceConfig(name="x", path=place), place, pl.Series(NAMES))


def test_none_is_an_error_that_names_one(places):
    for place in places:
        with pytest.raises(SourceError, match=r"none of 1 files .* such as c/9\.ogg"):
            require_audio(SourceConfig(name="x", path=place), place, pl.Series(["c/9.ogg"]))


def test_a_bucket_is_listed_once_however_many_files_it_has(bucket, monkeypatch):
    memory = fsspec.filesystem("memory")
    for number in range(500):
        memory.pipe(f"{bucket}/{number}.ogg", b"x")
    asked = []
    for name in ("find", "info", "ls", "exists"):
        whole = getattr(type(memory), name)

        def spy(self, *args, _name=name, _whole=whole, **settings):
            asked.append(_name)
            return _whole(self, *args, **settings)

        monkeypatch.setattr(type(memory), name, spy)
    names = pl.Series([f"{number}.ogg" for number in range(500)])
    require_audio(SourceConfig(name="x", path=bucket), location(bucket), names)
    assert asked == ["find"]


def test_a_web_server_is_asked_for_a_few_files_of_a_long_table(web):
    make(web.folder, "0.ogg")
    names = pl.Series([f"{number}.ogg" for number in range(5000)])
    require_audio(SourceConfig(name="x", path=web.url), location(web.url), names)
    assert web.count("HEAD") <= LOOKED_AT + 1


def test_rows_are_looked_at_over_the_whole_table():
    chosen = spread(pl.Series([str(number) for number in range(1000)]))
    assert len(chosen) == pytest.approx(LOOKED_AT, abs=1)
    assert int(chosen[-1]) > 900


def test_a_server_that_does_not_answer_is_told_as_a_fault_of_the_catalog():
    place = location("http://127.0.0.1:9/x")
    with pytest.raises(SourceError, match="cannot be reached"):
        require_audio(SourceConfig(name="x", path=place), place, pl.Series(NAMES))
