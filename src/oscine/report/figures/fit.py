"""Figures of fitting: learning curves, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from oscine.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PALE,
    RED,
    STAGE_COLORS,
    blank,
    is_narrow,
    name_rows,
)
from oscine.report.run import STAGES

BREAKDOWN_COLORS = (BLUE, ORANGE, GREEN, PALE, RED, MUTED, INK)


def draw_learning_curves(history: pl.DataFrame, metric: str, title: str, width_in: float) -> Figure:
    """Draw loss and a validation metric over epochs, one column a stage (one row on a phone).

    Args:
        history: One row an epoch: stage, fold, epoch, train_loss, val_loss and the metric.
        metric: Column of the metric.
        title: Its name for readers.
        width_in: Width, inches.
    """
    stages = [stage for stage in STAGES if stage in set(history["stage"])]
    narrow = is_narrow(width_in)
    shape = (len(stages), 2) if narrow else (2, len(stages))
    figure, flat = blank(width_in, 1.75 * shape[0] + 0.45, *shape)
    for column, stage in enumerate(stages):
        top = flat[2 * column] if narrow else flat[column]
        bottom = flat[2 * column + 1] if narrow else flat[len(stages) + column]
        rows = history.filter(pl.col("stage") == stage).sort("fold", "epoch")
        rows = rows.with_columns(pl.col("epoch") + 1)  # people count from one
        _curves(top, rows, "train_loss", MUTED, "training")
        _curves(top, rows, "val_loss", STAGE_COLORS[stage], "validation")
        _curves(bottom, rows, metric, STAGE_COLORS[stage], "")
        top.set_title(STAGES[stage], fontsize=8 if narrow else 8.5)
        bottom.set_ylim(0, 1)
        if narrow or column == 0:
            top.set_ylabel("loss")
            bottom.set_ylabel(title)
        for axes in (top, bottom):
            axes.grid(axis="y")
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
            axes.set_xlim(0.5, max(rows["epoch"]) + 0.5)
            axes.set_xlabel("epoch")
    _name_losses(figure, [STAGE_COLORS[stage] for stage in stages])
    return figure


def _name_losses(figure: Figure, colors: Sequence[str]) -> None:
    """Say above all panels which line is which: inside one, curves would lie below the words."""
    training, *validation = (Line2D([], [], color=color) for color in (MUTED, *colors))
    handles: list[Any] = [training, tuple(validation)]
    figure.legend(
        handles,
        ["training", "validation"],
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.3)},
        loc="outside upper left",
        ncols=2,
        handlelength=max(1.0, 0.8 * len(colors)),
    )


def _curves(axes: Axes, rows: pl.DataFrame, column: str, color: str, label: str) -> None:
    """Draw each fold thinly and the mean of the folds boldly."""
    if column not in rows.columns or rows[column].null_count() == rows.height:
        return
    folds = rows.partition_by("fold")
    if len(folds) > 1:
        for fold in folds:
            axes.plot(fold["epoch"], fold[column], color=color, linewidth=0.7, alpha=0.4)
    mean = rows.group_by("epoch").agg(pl.col(column).mean()).sort("epoch")
    mark = "o" if mean.height == 1 else None
    axes.plot(mean["epoch"], mean[column], color=color, label=label or None, marker=mark)


def draw_shares(rows: Mapping[str, Mapping[str, float]], width_in: float) -> Figure:
    """Draw how each row's seconds divide over named steps, as bars of equal length.

    Args:
        rows: Seconds of each step, by row name.
        width_in: Width, inches.
    """
    steps = list(dict.fromkeys(step for row in rows.values() for step in row))
    legend_rows = -(-len(steps) // (3 if is_narrow(width_in) else 7))
    figure, (axes,) = blank(width_in, 0.3 * len(rows) + 0.5 + 0.2 * legend_rows)
    left = [0.0] * len(rows)
    totals = [max(sum(row.values()), 1e-9) for row in rows.values()]
    for place, step in enumerate(steps):
        values = [
            100 * row.get(step, 0.0) / t for row, t in zip(rows.values(), totals, strict=True)
        ]
        color = BREAKDOWN_COLORS[place % len(BREAKDOWN_COLORS)]
        axes.barh(range(len(rows)), values, left=left, height=0.6, color=color)
        axes.plot([], [], "s", color=color, label=step.replace("_", " "))
        left = [a + b for a, b in zip(left, values, strict=True)]
    name_rows(axes, list(rows), width_in)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the time, %")
    columns = -(-len(steps) // legend_rows)
    figure.legend(loc="outside upper left", ncols=columns, handletextpad=0.1, columnspacing=1.0)
    return figure
