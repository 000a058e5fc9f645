from __future__ import annotations

import polars as pl
import pytest

from oscine.report.figures.exposures import draw_exposures, draw_least_heard
from oscine.report.figures.style import NARROW_IN, WIDE_IN


def test_exposures_stand_on_log_scales_beside_the_line_of_once():
    points = pl.DataFrame(
        {"stage": ["finetune"] * 2, "n_recordings": [2, 50], "n_exposures": [12.0, 30.0]}
    )
    (axes,) = draw_exposures(points, WIDE_IN).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert list(axes.lines[0].get_xdata()) == list(axes.lines[0].get_ydata()) == [2, 50]


def heard(**columns):
    """Counts of three classes, the first of which was never heard."""
    counts = {
        "name": ["Ash", "Birch", "Elm"],
        "n_exposures": [0.0, 8.0, 30.0],
        "recordings": [0.0, 2.0, 20.0],
        "recordists": [0.0, 1.0, 9.0],
        "n_recordings": [1, 3, 25],
    }
    return pl.DataFrame(counts | columns)


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_each_class_is_a_row_with_its_four_counts_the_least_heard_on_top(width_in):
    (axes,) = draw_least_heard(heard(), width_in).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Ash", "Birch", "Elm"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert {line.get_label(): list(line.get_xdata()) for line in axes.lines} == {
        "recordings of the class": [1, 3, 25],
        "clips heard an epoch": [0, 8, 30],
        "different recordings heard": [0, 2, 20],
        "different recordists heard": [0, 1, 9],
    }


def test_a_class_that_was_never_heard_has_its_place_at_zero():
    (axes,) = draw_least_heard(heard(), WIDE_IN).axes
    assert axes.get_xlim()[0] < 0
    assert 0 in axes.get_xticks()


def test_recordists_that_nobody_states_are_not_drawn():
    (axes,) = draw_least_heard(heard(recordists=[0.0, 0.0, 0.0]), WIDE_IN).axes
    assert len(axes.lines) == 3
