"""Figures of the catalogs: the waterfall of rows, and bars of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oscine.report.blocks import MINUS
from oscine.report.figures.style import (
    BLUE,
    INK,
    MUTED,
    PART_COLORS,
    RED,
    blank,
    is_narrow,
    name_rows,
)
from oscine.report.run import PARTS

ROW_IN = 0.25
"""Height of a bar with its gap, inches."""


def draw_waterfall(steps: Mapping[str, Sequence[Mapping[str, Any]]], width_in: float) -> Figure:
    """Draw how many rows each step kept and took, one panel a part.

    Args:
        steps: Steps of each part: `step`, `rows` kept and `removed`.
        width_in: Width, inches.
    """
    heights = [len(rows) for rows in steps.values()]
    figure = Figure(
        figsize=(width_in, ROW_IN * sum(heights) + 0.55 * len(heights)), layout="constrained"
    )
    panels = figure.subplots(
        len(steps), 1, squeeze=False, gridspec_kw={"height_ratios": heights}
    ).flat
    for axes, (part, rows) in zip(panels, steps.items(), strict=True):
        kept = [row["rows"] for row in rows]
        taken = [row["removed"] or 0 for row in rows]
        axes.barh(range(len(rows)), kept, height=0.62, color=PART_COLORS.get(part, BLUE))
        axes.barh(range(len(rows)), taken, left=kept, height=0.62, color=RED, alpha=0.45)
        most = max([k + t for k, t in zip(kept, taken, strict=True)] + [1])
        for place, (k, t) in enumerate(zip(kept, taken, strict=True)):
            text = f"{k:,}" + (f"  {MINUS}{t:,}" if t else "")
            axes.text(k + t + most * 0.012, place, text, va="center", fontsize=8, color=MUTED)
        axes.set_xlim(0, most * (1.3 if is_narrow(width_in) else 1.16))
        axes.set_title(PARTS.get(part, part))
        name_rows(axes, [str(row["step"]).replace("_", " ") for row in rows], width_in)
        axes.grid(visible=False)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
    return figure


def draw_bars(
    counts: Mapping[str, Mapping[str, float]],
    colors: Mapping[str, str],
    unit: str,
    width_in: float,
) -> Figure:
    """Draw named counts as stacked horizontal bars with their totals.

    Args:
        counts: Values of each kind by row name; kinds stand side by side in a bar.
        colors: Colour of each kind.
        unit: What is counted.
        width_in: Width, inches.
    """
    labels = list(dict.fromkeys(name for rows in counts.values() for name in rows))
    figure, (axes,) = blank(width_in, ROW_IN * len(labels) + 0.55 + 0.22 * (len(counts) > 1))
    left: list[float] = [0] * len(labels)
    for kind, rows in counts.items():
        values = [rows.get(label, 0) for label in labels]
        axes.barh(range(len(labels)), values, left=left, height=0.62, color=colors[kind])
        left = [a + b for a, b in zip(left, values, strict=True)]
        axes.plot([], [], "s", color=colors[kind], label=kind)
    most = max([*left, 1])
    for place, total in enumerate(left):
        text = f"{total:,.1f}" if isinstance(total, float) and total < 10 else f"{total:,.0f}"
        axes.text(total + most * 0.012, place, text, va="center", color=INK, fontsize=8)
    axes.set_xlim(0, most * (1.18 if is_narrow(width_in) else 1.09))
    name_rows(axes, labels, width_in)
    axes.set_xlabel(unit)
    whole = all(isinstance(total, int) for total in left)
    nbins = 4 if is_narrow(width_in) else 7
    axes.xaxis.set_major_locator(MaxNLocator(nbins=nbins, integer=whole))
    axes.xaxis.set_major_formatter("{x:,.9g}")
    if len(counts) > 1:
        figure.legend(loc="outside upper left", ncols=len(counts), handletextpad=0.1)
    return figure
