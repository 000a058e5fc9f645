from __future__ import annotations

import polars as pl
import pytest

from oscine.pipeline.card_classes import MOST_WEAK, interval, number, promises, weak_classes


def row(code: str, value: float | None, validation: int = 9) -> dict:
    return {
        "code": code,
        "name": code.upper(),
        "value": value,
        "precision": number(value),
        "interval": "",
        "validation": validation,
    }


CONFUSIONS = pl.DataFrame(
    {"species_code": ["a", "a", "b"], "predicted": ["c", "b", "a"], "n": [2, 5, 1]}
)


def test_the_worst_come_first_and_the_good_are_left_out():
    rows = [row("a", 0.4), row("b", 0.1, 1), row("c", 0.9), row("d", None)]
    assert weak_classes(rows, CONFUSIONS) == [
        "B: 0.100, 1 clip",  # taken for another once: that says nothing
        "A: 0.400, 9 clips; most often taken for B (5)",
    ]


def test_a_long_list_ends():
    rows = [row(f"s{k}", k / 1000) for k in range(100)]
    assert len(weak_classes(rows, pl.DataFrame())) == MOST_WEAK


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"low": -0.0001, "high": 0.5}, "0.000 to 0.500"),
        ({"low": None, "high": None}, ""),
        (None, ""),
    ],
)
def test_an_interval_is_written_where_there_is_one(found, text):
    assert interval(found) == text


def test_nothing_decided_promises_nothing():
    assert promises(None) is None
