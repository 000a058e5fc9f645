from __future__ import annotations

import math

import pytest

from oscine.report.blocks import DASH, MINUS, counted, duration, number, signed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.12345, "0.123"),
        (1234, "1,234"),
        (None, DASH),
        (math.nan, DASH),
        (0, "0"),
        (-0.0004, "0.000"),
        (-0.25, f"{MINUS}0.250"),
    ],
)
def test_a_number_is_written_for_readers(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.5, "+0.500"), (-0.5, f"{MINUS}0.500"), (None, DASH), (-0.0004, "+0.000")],
)
def test_a_difference_shows_its_sign(value, expected):
    assert signed(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, DASH), (59.94, "59.9 s"), (60, "1 min 0 s"), (3600, "1 h 0 min")],
)
def test_a_duration_takes_the_units_that_matter(seconds, expected):
    assert duration(seconds) == expected


@pytest.mark.parametrize(("n", "expected"), [(0, "0 classes"), (1, "1 class"), (2, "2 classes")])
def test_a_count_agrees_with_its_noun(n, expected):
    assert counted(n, "class", "classes") == expected
