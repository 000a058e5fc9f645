from __future__ import annotations

import polars as pl
import pytest

from oscine.evaluate import Interval
from oscine.report.figures.comparison import (
    RUN_COLORS,
    draw_curves,
    draw_differences,
    draw_moves,
    run_color,
)
from oscine.report.figures.style import NARROW_IN, WIDE_IN

WIDTHS = pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])


@WIDTHS
def test_each_difference_is_a_dot_and_a_line_where_it_has_an_interval(width_in):
    found = {
        "a": {"cmap": Interval(0.1, 0.05, 0.15), "accuracy": Interval(0.1, None, None)},
        "b": {"cmap": None, "accuracy": Interval(-0.1, -0.2, 0.0)},
    }
    axes = draw_differences(found, {"cmap": "cmAP", "accuracy": "Accuracy"}, width_in).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 2]
    dots = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(lines) == 1 + 2
    assert sorted(float(dot.get_xdata()[0]) for dot in dots) == [-0.1, 0.1, 0.1]


@WIDTHS
def test_each_class_is_a_line_between_its_two_values(width_in):
    rows = pl.DataFrame(
        {"species_code": ["a", "b"], "n": [3, 4], "first": [0.1, 0.9], "other": [0.5, 0.2]}
    )
    figure = draw_moves(rows, {"a": "Ash"}, ("old", "new"), width_in)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Ash", "b"]
    assert [list(line.get_xdata()) for line in axes.lines[:2]] == [[0.1, 0.5], [0.9, 0.2]]


@WIDTHS
def test_curves_have_a_line_a_fit_and_one_for_their_mean(width_in):
    rows = pl.DataFrame({"fit": [0, 0, 1, 1], "epoch": [0, 1, 0, 1], "cmap": [0.0, 0.4, 0.2, 0.8]})
    axes = draw_curves([("a", rows)], "cmap", "cmAP", width_in).axes[0]
    assert len(axes.lines) == 3
    assert list(axes.lines[-1].get_ydata()) == pytest.approx([0.1, 0.6])
    assert list(axes.lines[-1].get_xdata()) == [1, 2]


@WIDTHS
def test_one_epoch_is_a_dot_since_it_is_no_line(width_in):
    rows = pl.DataFrame({"fit": [0, 1], "epoch": [0, 0], "cmap": [0.2, 0.4]})
    axes = draw_curves([("a", rows)], "cmap", "cmAP", width_in).axes[0]
    assert axes.lines[-1].get_marker() == "o"


def test_colours_go_round():
    assert run_color(0) != run_color(1)
    assert run_color(len(RUN_COLORS)) == run_color(0)
