"""Figure of the long tail: recordings of each class after each step, on a log scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oscine.report.class_steps import ClassStep
from oscine.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PALE,
    RED,
    blank,
    is_narrow,
    label_log,
)
from oscine.report.run import PARTS

STEP_COLORS: dict[str, str] = {
    "read": PALE,
    "merge": GREEN,
    "audit": MUTED,
    "training": BLUE,
    "upsample": ORANGE,
    "downsample": RED,
    "draw": INK,
}
"""Colour of each kind of step, from the catalogs as read to what training draws."""
MARKED = 60
"""Up to this many classes, each class is a mark of its own."""


def draw_class_steps(parts: Mapping[str, Sequence[ClassStep]], width_in: float) -> Figure:
    """Draw the rows of each class after each step, one panel a part.

    Args:
        parts: Steps of each part.
        width_in: Width, inches.
    """
    n = len(parts)
    narrow = is_narrow(width_in)
    height_in = 3.4 * n if narrow else 3.6
    figure, panels = blank(width_in, height_in, *((n, 1) if narrow else (1, n)))
    for axes, (part, steps) in zip(panels, parts.items(), strict=True):
        _draw_steps(axes, steps)
        axes.set_title(PARTS[part])
    panels[0].set_ylabel("recordings")
    return figure


def _draw_steps(axes: Axes, steps: Sequence[ClassStep]) -> None:
    for place, (kind, title, counts) in enumerate(steps):
        ranks = range(1, len(counts) + 1)
        color = STEP_COLORS[kind]
        # What comes later is thinner: where two steps agree, both are seen.
        width = 3.2 - 2.0 * place / max(len(steps) - 1, 1)
        mark = "o" if len(counts) <= MARKED else None
        axes.plot(ranks, counts, color=color, linewidth=width, label=title, marker=mark, ms=2.5)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.8)
    label_log(axes.yaxis)
    axes.set_xlim(left=0)
    axes.set_xlabel("class, from the most common")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.grid(axis="y")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.2), ncols=2, handlelength=1.2)
