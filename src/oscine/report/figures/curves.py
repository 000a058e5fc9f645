"""Curves behind the numbers: precision against recall, and reliability of the scores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from oscine.evaluate import PrecisionRecall, Reliability
from oscine.report.figures.style import MUTED, STAGE_COLORS, blank, is_narrow
from oscine.report.run import STAGES

MOST_POINTS = 400
"""Points of a curve that a picture can show."""


def draw_curves(
    curves: Mapping[str, tuple[PrecisionRecall, Reliability]], width_in: float
) -> Figure:
    """Draw precision against recall, and the share that is right against the score.

    Args:
        curves: Both curves of each stage.
        width_in: Width, inches.
    """
    narrow = is_narrow(width_in)
    figure, (left, right) = blank(width_in, 5.4 if narrow else 3.0, *((2, 1) if narrow else (1, 2)))
    right.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    for stage, (trade, calibration) in curves.items():
        places = np.linspace(0, len(trade.recall) - 1, MOST_POINTS).astype(int)
        places = np.unique(places)
        color = STAGE_COLORS[stage]
        left.plot(trade.recall[places], trade.precision[places], color=color, label=STAGES[stage])
        right.plot(calibration.score, calibration.share_right, "o-", color=color, markersize=4)
    left.set(xlabel="recall", ylabel="precision")
    right.set(xlabel="score", ylabel="share that is right")
    for axes in (left, right):
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
        axes.grid()
    if len(curves) > 1:
        figure.legend(loc="outside upper left", ncols=len(curves), handlelength=1.0)
    return figure
