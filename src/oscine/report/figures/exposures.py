"""Figures of what a fit heard of each class: clips, different recordings and recordists."""

from __future__ import annotations

import polars as pl
from matplotlib.figure import Figure

from oscine.report.figures.style import (
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    STAGE_COLORS,
    blank,
    is_narrow,
    label_log,
    name_rows,
)
from oscine.report.run import STAGES

MARKS = {
    "n_recordings": ("|", MUTED, "recordings of the class"),
    "n_exposures": ("o", BLUE, "clips heard an epoch"),
    "recordings": ("D", GREEN, "different recordings heard"),
    "recordists": ("^", ORANGE, "different recordists heard"),
}
"""Mark, colour and name of each count, those that may hide others first."""

TICKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


def draw_exposures(points: pl.DataFrame, width_in: float) -> Figure:
    """Draw how often an epoch shows each class, against how many recordings the class has.

    Args:
        points: stage, n_recordings, n_exposures (an epoch's mean) of each class.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 3.0)
    ends = [min(points["n_recordings"]), max(points["n_recordings"])]
    axes.plot(ends, ends, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    for stage in STAGES:
        rows = points.filter(pl.col("stage") == stage)
        if rows.height:
            axes.plot(
                rows["n_recordings"],
                rows["n_exposures"],
                "o",
                color=STAGE_COLORS[stage],
                alpha=0.8,
                markersize=4.5,
                markeredgewidth=0,
                label="Pretraining" if stage == "pretrain" else "Target",
            )
    axes.set(xscale="log", yscale="log")
    label_log(axes.xaxis)
    label_log(axes.yaxis)
    axes.set_xlabel("recordings of the class")
    axes.set_ylabel("clips shown an epoch")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=2, handletextpad=0.1)
    return figure


def draw_least_heard(rows: pl.DataFrame, width_in: float) -> Figure:
    """Draw what a fit heard of the classes that it heard least, one row a class.

    Args:
        rows: name, and the counts of `MARKS`; the least heard class first. A count that is 0
            everywhere is left out, such as recordists that no catalog states.
        width_in: Width, inches.
    """
    shown = {column: mark for column, mark in MARKS.items() if rows[column].max()}
    legend_rows = len(shown) if is_narrow(width_in) else 1
    figure, (axes,) = blank(width_in, 0.2 * rows.height + 0.55 + 0.2 * legend_rows)
    for column, (mark, color, label) in shown.items():
        # A hollow mark on top leaves what it stands on to be seen.
        face = "none" if column == "recordists" else color
        axes.plot(rows[column], range(rows.height), mark, color=color, mfc=face, ms=6, label=label)
    name_rows(axes, list(rows["name"]), width_in)
    # Linear up to one, so that what was never heard has a place.
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.3)
    most = max(1.0, float(rows.select(list(MARKS)).to_numpy().max()))
    axes.set_xticks([0, *(tick for tick in TICKS if tick <= 1.3 * most)])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlim(-0.25, 1.3 * most)
    figure.legend(loc="outside upper left", ncols=len(shown) // legend_rows, handletextpad=0.1)
    return figure
