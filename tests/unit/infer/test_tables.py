from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import check
from oscine.infer.tables import SCORES, path_text, scores_schema, scores_table
from synthetic import make_species


@pytest.mark.parametrize("n_windows", [0, 3])
def test_a_scores_table_has_a_single_precision_column_for_each_species(n_windows: int) -> None:
    start_s = np.arange(n_windows, dtype=np.float64)
    scores = np.full((n_windows, 2), 0.5, dtype=np.float32)
    table = scores_table(Path("a.wav"), start_s, start_s + 1, scores, make_species(2))
    assert dict(table.schema) == scores_schema(make_species(2))
    assert table.columns[-2:] == ["spec0", "spec1"]
    check(table, SCORES)


@pytest.mark.parametrize(
    "name", ["plain.wav", "grünfink ñ 鳥.wav", "two\nlines.wav", 'quo"te,comma.wav']
)
def test_a_path_keeps_its_characters(name: str) -> None:
    assert path_text(Path(name)) == name


def test_a_path_that_is_no_text_can_still_be_written() -> None:
    path = Path(os.fsdecode(b"bad\xff.wav"))
    assert pl.Series([path_text(path)]).item() == "bad\ufffd.wav"
