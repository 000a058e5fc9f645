from __future__ import annotations

import numpy as np
import pytest

from oscine.report.class_steps import ClassStep
from oscine.report.figures.classes import STEP_COLORS, draw_class_steps
from oscine.report.figures.style import NARROW_IN, WIDE_IN

READ = ClassStep("read", "as read", np.array([50, 7, 1]))
TRAINED = ClassStep("upsample", "upsampled to 9", np.array([50, 9, 9]))


def test_the_long_tail_falls_from_left_to_right():
    (axes,) = draw_class_steps({"target": [READ]}, WIDE_IN).axes
    assert axes.get_yscale() == "log"
    assert list(axes.lines[0].get_ydata()) == [50, 7, 1]


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_a_step_has_one_colour_in_every_panel(width_in):
    figure = draw_class_steps({"pretrain": [READ, TRAINED], "target": [TRAINED]}, width_in)
    first, second = figure.axes
    assert [line.get_color() for line in first.lines] == [
        STEP_COLORS["read"],
        STEP_COLORS["upsample"],
    ]
    assert [line.get_color() for line in second.lines] == [STEP_COLORS["upsample"]]
    assert [text.get_text() for text in second.get_legend().get_texts()] == ["upsampled to 9"]
