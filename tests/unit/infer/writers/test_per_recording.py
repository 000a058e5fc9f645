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
