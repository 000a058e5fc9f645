"""Figure of reliability: how often scores are right, before and after calibration, and how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oscine.report.figures.style import BLUE, MUTED, PALE, blank, is_narrow

STEPS: Mapping[str, tuple[str, str]] = {
    "before": ("scores as they are", PALE),
    "after": ("calibrated", BLUE),
}
"""What is drawn, by its key: its name and colour."""


def draw_reliability(bins: Mapping[str, Mapping[str, Any] | None], width_in: float) -> Figure:
    """Draw the share that is right against the score, and below how many decisions there are.

    Args:
        bins: `before` and `after`: score, share_right and n of each bin; None is left out.
        width_in: Width, inches.
    """
    figure, (upper, lower) = blank(width_in, 4.6 if is_narrow(width_in) else 4.2, 2, 1)
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    shown = {key: value for key, value in bins.items() if value is not None}
    bar = 0.08 / max(len(shown), 1)
    for place, (key, value) in enumerate(shown.items()):
        name, color = STEPS[key]
        upper.plot(
            value["score"], value["share_right"], "o-", color=color, markersize=4, label=name
        )
        edges = np.floor(np.minimum(np.asarray(value["score"]), 0.999) * 10) / 10
        lower.bar(
            edges + 0.05 + (place - (len(shown) - 1) / 2) * bar,
            value["n"],
            width=bar * 0.9,
            color=color,
        )
    lower.set_yscale("log")
    lower.set_ylim(bottom=0.5)
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that is right")
    lower.set(xlim=(0, 1), xlabel="score", ylabel="decisions")
    for axes in (upper, lower):
        axes.grid(axis="y")
    if len(shown) > 1:
        figure.legend(loc="outside upper left", ncols=2, handlelength=1.0)
    return figure
