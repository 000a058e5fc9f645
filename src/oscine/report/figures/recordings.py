"""Figures of what the files are: durations on a log scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from oscine.report.figures.style import INK, PART_COLORS, blank, is_narrow
from oscine.report.run import PARTS

TICKS_S: dict[float, str] = {
    0.01: "10 ms",
    0.1: "0.1 s",
    1: "1 s",
    3: "3 s",
    10: "10 s",
    30: "30 s",
    60: "1 min",
    300: "5 min",
    1200: "20 min",
    3600: "1 h",
    14400: "4 h",
    86400: "24 h",
}
"""Durations that readers know, s."""
ON_A_PHONE = (0.01, 0.1, 1, 10, 60, 300, 3600, 86400)
BINS = 40


def draw_durations(
    parts: Mapping[str, Sequence[float]], window_s: float | None, width_in: float
) -> Figure:
    """Draw how long recordings are, on a log scale.

    Args:
        parts: Durations above 0 of each part, s.
        window_s: Length of the model's window, s; None: not drawn.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 2.7)
    longest = max(max(values) for values in parts.values())
    shortest = min(min(values) for values in parts.values())
    edges = np.geomspace(shortest / 1.05, longest * 1.05, BINS + 1)
    values = list(parts.values())
    axes.hist(
        values,
        bins=list(edges),
        stacked=True,
        color=[PART_COLORS[part] for part in parts],
        label=[PARTS[part] for part in parts],
    )
    axes.set_xscale("log")
    narrow = is_narrow(width_in)
    shown = {
        seconds: name
        for seconds, name in TICKS_S.items()
        if edges[0] <= seconds <= edges[-1] and (not narrow or seconds in ON_A_PHONE)
    }
    axes.set_xticks(list(shown), list(shown.values()))
    axes.minorticks_off()
    if window_s is not None:
        axes.axvline(window_s, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_ylabel("recordings")
    axes.grid(axis="y")
    figure.legend(loc="outside upper left", ncols=2, handlelength=1.0)
    return figure
