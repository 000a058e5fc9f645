from __future__ import annotations

import numpy as np
import pytest

from oscine.evaluate import precision_recall, reliability
from oscine.report.figures.curves import MOST_POINTS, draw_curves
from oscine.report.figures.style import NARROW_IN, WIDE_IN


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_both_curves_are_drawn_with_no_more_points_than_can_be_seen(width_in):
    draws = np.random.default_rng(0)
    targets, scores = draws.random((3000, 2)) < 0.5, draws.random((3000, 2))
    both = (precision_recall(targets, scores), reliability(targets, scores))
    trade, calibration = draw_curves({"finetune": both}, width_in).axes
    assert len(trade.lines[0].get_xdata()) <= MOST_POINTS
    assert len(calibration.lines[1].get_xdata()) == 10
