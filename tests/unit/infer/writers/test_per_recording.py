from __future__ import annotations

import polars as pl

from oscine.infer.writers.per_recording import by_recording


def make_rows(paths: list[str]) -> pl.DataFrame:
    names = [path.rsplit("/", 1)[-1] for path in paths]
    return pl.DataFrame({"filepath": paths, "filename": names}, schema_overrides={"filepath": str})


def test_each_recording_has_its_own_rows_in_order() -> None:
    pieces = dict(by_recording(make_rows(["x/b.wav", "x/a.wav", "x/b.wav"])))
    assert [(name, len(rows)) for name, rows in pieces.items()] == [("b.wav", 2), ("a.wav", 1)]


def test_recordings_of_one_name_get_names_of_their_own() -> None:
    names = [name for name, _ in by_recording(make_rows(["x/a.wav", "y/a.wav", "y/b.wav"]))]
    assert len(set(names)) == 3
    assert [name.startswith("a.wav.") for name in names] == [True, True, False]


def test_names_that_differ_in_case_get_names_of_their_own() -> None:
    names = [name for name, _ in by_recording(make_rows(["x/A.wav", "y/a.wav"]))]
    assert len({name.lower() for name in names}) == 2


def test_long_names_and_line_breaks_are_no_obstacle() -> None:
    paths = ["x/" + "ü" * 125 + ".wav", "x/" + "ü" * 124 + "w.wav", "x/a\nb.wav", "x/a\tb.wav"]
    names = [name for name, _ in by_recording(make_rows(paths))]
    assert len(set(names)) == 4
    assert max(len(name.encode()) for name in names) < 220
    assert [name[:6] for name in names[2:]] == ["a_b.wa"] * 2
