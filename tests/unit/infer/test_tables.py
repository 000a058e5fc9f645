from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import check
from oscine.infer.tables import (
    DETECTIONS,
    FOUND,
    SCORES,
    Rows,
    detections_table,
    path_text,
    rows_form,
    scores_schema,
    scores_table,
)
from synthetic import make_species


@pytest.mark.parametrize("n_windows", [0, 3])
def test_a_scores_table_has_a_single_precision_column_for_each_species(n_windows: int) -> None:
    start_s = np.arange(n_windows, dtype=np.float64)
    scores = np.full((n_windows, 2), 0.5, dtype=np.float32)
    table = scores_table([Rows("a.wav", start_s, start_s + 1, scores)], make_species(2))
    assert dict(table.schema) == scores_schema(make_species(2))
    assert table.columns[-2:] == ["spec0", "spec1"]
    check(table, SCORES)


def test_rows_of_several_recordings_follow_one_another() -> None:
    start_s, scores = np.arange(2.0), np.zeros((2, 1), dtype=np.float32)
    blocks = [Rows(name, start_s, start_s + 1, scores) for name in "ba"]
    table = scores_table(blocks, make_species(1))
    assert table["filepath"].to_list() == ["b", "b", "a", "a"]
    assert scores_table([], make_species(1)).schema == table.schema


@pytest.mark.parametrize("n", [0, 3])
def test_detections_name_their_species_and_recording(n: int) -> None:
    at = datetime(2024, 5, 1)
    every = [(0.0, 1.0, at, 2, 0.5), (0.0, 1.0, None, 0, 0.25), (1.0, 2.0, at, 0, 1.0)]
    found = np.array(every[:n], dtype=FOUND)
    table = detections_table([("x/a b.wav", found)], make_species(3))
    check(table, DETECTIONS)
    assert table.columns == list(DETECTIONS)
    assert set(table["filename"]) == {"a b.wav"} - ({"a b.wav"} if n == 0 else set())
    assert table["scientific_name"].to_list() == ["Avis 2", "Avis 0", "Avis 0"][:n]
    assert table["recorded_at"].to_list() == [at, None, at][:n]
    assert table["score"].to_list() == [0.5, 0.25, 1.0][:n]


def test_rows_and_their_records_hold_the_same() -> None:
    start_s, scores = np.arange(2.0), np.eye(2, 3, dtype=np.float32)
    records = Rows("a", start_s, start_s + 1, scores).records()
    assert records.dtype == rows_form(3)
    np.testing.assert_array_equal(records["scores"], scores)
    np.testing.assert_array_equal(records["end_s"], start_s + 1)


@pytest.mark.parametrize(
    "name", ["plain.wav", "grünfink ñ 鳥.wav", "two\nlines.wav", 'quo"te,comma.wav']
)
def test_a_path_keeps_its_characters(name: str) -> None:
    assert path_text(Path(name)) == name


def test_a_path_that_is_no_text_can_still_be_written() -> None:
    path = Path(os.fsdecode(b"bad\xff.wav"))
    assert pl.Series([path_text(path)]).item() == "bad\ufffd.wav"
