"""Figures of a comparison: differences with intervals, classes that moved, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oscine.evaluate import Interval
from oscine.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PALE,
    RED,
    blank,
    name_rows,
)

RUN_COLORS = (MUTED, BLUE, ORANGE, GREEN, RED, PALE, INK)
"""Of runs in their order, the first one's the quietest; they go round."""


def run_color(place: int) -> str:
    """Choose the colour of a run by its place."""
    return RUN_COLORS[place % len(RUN_COLORS)]


def draw_differences(
    differences: Mapping[str, Mapping[str, Interval | None]],
    names: Mapping[str, str],
    width_in: float,
) -> Figure:
    """Draw each metric's difference from the first run, with its interval and a line at none.

    Args:
        differences: Metrics' differences, by run.
        names: Metrics to draw, with the names that readers see.
        width_in: Width, inches.
    """
    n = len(differences)
    figure, (axes,) = blank(width_in, (0.25 + 0.17 * n) * len(names) + 0.85)
    step = min(0.3, 0.8 / n)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    for place, (run, found) in enumerate(differences.items()):
        color = run_color(place + 1)
        for row, metric in enumerate(names):
            one = found.get(metric)
            if one is None:
                continue
            y = row + (place - (n - 1) / 2) * step
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [y, y], color=color, linewidth=2)
            axes.plot([one.value], [y], "o", color=color, markersize=5)
        axes.plot([], [], "o", color=color, label=run)
    name_rows(axes, list(names.values()), width_in)
    axes.set_xlabel("difference from the first run")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, symmetric=True))
    if n > 1:
        figure.legend(loc="outside upper left", ncols=1, handletextpad=0.1)
    return figure


def draw_moves(
    rows: pl.DataFrame, names: Mapping[str, str], runs: tuple[str, str], width_in: float
) -> Figure:
    """Draw classes' average precision in the first run and in another, joined by a line.

    Args:
        rows: species_code, n, first and other, one row a class.
        names: Classes by the names that readers see.
        runs: Names of the two runs.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 0.2 * rows.height + 0.85)
    places = range(rows.height)
    for place, (before, after) in enumerate(rows.select("first", "other").rows()):
        color = GREEN if after > before else RED
        axes.plot([before, after], [place, place], color=color, linewidth=1.4, alpha=0.7)
    for place, (column, run) in enumerate(zip(("first", "other"), runs, strict=True)):
        color = run_color(place)
        axes.plot(rows[column], places, "o", color=color, markersize=5, label=run)
    for place, n in enumerate(rows["n"]):
        axes.text(1.03, place, f"{n:,}", va="center", fontsize=7.5, color=MUTED)
    axes.text(1.03, -0.9, "n", fontsize=7.5, color=MUTED, style="italic", va="center")
    name_rows(axes, [names.get(code, code) for code in rows["species_code"]], width_in)
    axes.set_ylim(rows.height - 0.4, -1.3)
    axes.set_xlim(0, 1)
    axes.margins(x=0.02)
    axes.set_xlabel("average precision")
    figure.legend(loc="outside upper left", ncols=1, handletextpad=0.1)
    return figure


def draw_curves(
    histories: Sequence[tuple[str, pl.DataFrame]], metric: str, title: str, width_in: float
) -> Figure:
    """Draw a validation metric over epochs: fits thin, their mean thick, a colour for each run.

    Args:
        histories: Runs' names with their epochs: fit, epoch and the metric.
        metric: Column of the metric.
        title: Its name for readers.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 2.6)
    for place, (name, rows) in enumerate(histories):
        color = run_color(place)
        for _, fit in rows.sort("epoch").group_by("fit", maintain_order=True):
            axes.plot(fit["epoch"] + 1, fit[metric], color=color, linewidth=0.8, alpha=0.35)
        mean = rows.group_by("epoch").agg(pl.col(metric).mean()).sort("epoch")
        dot = "o" if mean.height == 1 else ""  # a line of one epoch cannot be seen
        axes.plot(mean["epoch"] + 1, mean[metric], dot + "-", color=color, linewidth=2, label=name)
    axes.set_ylim(0, 1)
    axes.grid(axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel(title)
    figure.legend(loc="outside upper left", ncols=1, handlelength=1.0)
    return figure
