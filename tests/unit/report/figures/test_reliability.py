from __future__ import annotations

import numpy as np
import pytest

from oscine.evaluate.curves import reliability_of
from oscine.report.figures.reliability import STEPS, draw_reliability
from oscine.report.figures.style import NARROW_IN, WIDE_IN


def bins() -> dict[str, object]:
    draws = np.random.default_rng(0)
    score = draws.random(3000)
    truth = draws.random(3000) < score**2
    return {
        "before": reliability_of(truth, score).to_plain(),
        "after": reliability_of(truth, score**2).to_plain(),
    }


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_scores_stand_over_the_counts_of_their_bins(width_in):
    found = bins()
    upper, lower = draw_reliability(found, width_in).axes
    curve = upper.lines[1]
    assert list(curve.get_xdata()) == found["before"]["score"]
    assert list(curve.get_ydata()) == found["before"]["share_right"]
    heights = [bar.get_height() for bar in lower.patches]
    assert heights == [*found["before"]["n"], *found["after"]["n"]]
    assert lower.get_yscale() == "log"


def test_bars_stand_within_their_bins():
    _, lower = draw_reliability(bins(), WIDE_IN).axes
    for place, bar in enumerate(lower.patches[:10]):
        assert place / 10 <= bar.get_x() < bar.get_x() + bar.get_width() <= (place + 1) / 10


def test_scores_that_were_not_calibrated_stand_alone_and_need_no_legend():
    figure = draw_reliability(bins() | {"after": None}, WIDE_IN)
    assert len(figure.axes[0].lines) == 2
    assert not figure.legends
    assert len(draw_reliability(bins(), WIDE_IN).legends) == 1
    assert len(STEPS) == 2
