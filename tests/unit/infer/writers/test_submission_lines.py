from __future__ import annotations

import csv
import io

import numpy as np
import polars as pl
import pytest

from oscine.core import generator
from oscine.infer.writers.submission_lines import Lines, Passage, quoted, score_cells
from oscine.infer.writers.submission_rows import ROWS


def make_passage(name: str, n_rows: int) -> Passage:
    rows = [(f"{name}_{5 * (i + 1)}", name, 5.0 * i, 5.0 * i + 5.0, None) for i in range(n_rows)]
    return Passage(pl.DataFrame(rows, schema=ROWS, orient="row"))


def values(*numbers: float) -> list[bytes]:
    return score_cells(np.array([numbers, numbers], dtype=np.float32).T)


def test_lines_come_in_the_order_of_the_passages_and_not_of_filling() -> None:
    first, second, third = (make_passage(name, 2) for name in "abc")
    lines = Lines(None)
    lines.fill(third, np.array([True, True]), values(0.5, 0.25))
    lines.fill(first, np.array([False, True]), values(1.0))
    text = b"".join(lines.read([first, second, third], b"0.0,0.0")).decode()
    assert text.splitlines() == [
        "a_5,0.0,0.0",
        "a_10,1.0,1.0",
        "b_5,0.0,0.0",
        "b_10,0.0,0.0",
        "c_5,0.5,0.5",
        "c_10,0.25,0.25",
    ]


def test_lines_that_are_filled_again_are_replaced() -> None:
    passage, lines = make_passage("a", 2), Lines(None)
    lines.fill(passage, np.array([True, True]), values(0.5, 0.25))
    lines.fill(passage, np.array([True, False]), values(1.0))
    assert b"".join(lines.read([passage], b"0.0,0.0")) == b"a_5,1.0,1.0\na_10,0.0,0.0\n"


@pytest.mark.parametrize("name", ["a", "a, b", 'a "b"', "two\nlines", "音"])
def test_any_row_id_reads_back(name: str) -> None:
    passage, lines = make_passage(name, 2), Lines(None)
    lines.fill(passage, np.array([True, False]), values(0.5))
    text = b"".join(lines.read([passage], b"0.0,0.0")).decode()
    assert [row[0] for row in csv.reader(io.StringIO(text))] == [f"{name}_5", f"{name}_10"]
    # As Polars writes it.
    assert pl.DataFrame({"row_id": [name]}).write_csv(include_header=False) == quoted(name) + "\n"


def test_scores_are_written_as_polars_writes_a_table() -> None:
    scores = generator(0, "scores").random((40, 7)).astype(np.float32) ** 20
    scores[0, :4] = [0.0, 1.0, 1e-38, 0.5]
    table = pl.from_numpy(scores).write_csv(include_header=False)
    assert b"\n".join(score_cells(scores)).decode() + "\n" == table
    assert score_cells(scores[:0]) == []
