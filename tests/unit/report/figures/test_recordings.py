from __future__ import annotations

import pytest

from oscine.report.figures.recordings import draw_durations
from oscine.report.figures.style import NARROW_IN, WIDE_IN


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_every_recording_is_in_some_bar(width_in):
    (axes,) = draw_durations({"pretrain": [0.4, 9.0, 3600.0], "target": [0.2]}, 5.0, width_in).axes
    heights = [bar.get_height() for bar in axes.patches]
    assert sum(heights) == 4
    assert axes.get_xscale() == "log"


def test_durations_are_labelled_as_people_say_them():
    (axes,) = draw_durations({"target": [0.5, 120.0]}, None, WIDE_IN).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "1 s",
        "3 s",
        "10 s",
        "30 s",
        "1 min",
    ]


def test_the_window_is_a_line():
    (with_line,) = draw_durations({"target": [1.0]}, 5.0, WIDE_IN).axes
    (without,) = draw_durations({"target": [1.0]}, None, WIDE_IN).axes
    assert [len(with_line.lines), len(without.lines)] == [1, 0]
