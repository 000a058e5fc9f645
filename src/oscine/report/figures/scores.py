"""Figures of scores: metrics with intervals, folds, classes, frequency bins, confused pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oscine.report.blocks import counted
from oscine.report.figures.style import (
    MUTED,
    RED,
    STAGE_COLORS,
    blank,
    clip_text,
    is_narrow,
    name_rows,
)
from oscine.report.run import STAGES


def draw_metrics(
    values: Mapping[str, Mapping[str, Mapping[str, float | None] | None]],
    names: Mapping[str, str],
    width_in: float,
) -> Figure:
    """Draw each metric with its interval, the stages side by side.

    Args:
        values: value, low and high of each metric, by stage.
        names: Metrics to draw, with the names that readers see.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 0.42 * len(names) + 0.75)
    offsets = _offsets(len(values))
    for offset, (stage, metrics) in zip(offsets, values.items(), strict=True):
        color = STAGE_COLORS[stage]
        for row, metric in enumerate(names):
            found = metrics.get(metric)
            if found is None or found["value"] is None:
                continue
            low, high = found["low"], found["high"]
            if low is not None and high is not None:
                axes.plot([low, high], [row + offset] * 2, color=color, linewidth=2)
            axes.plot([found["value"]], [row + offset], "o", color=color, markersize=5.5)
        axes.plot([], [], "o", color=color, label=STAGES[stage])
    name_rows(axes, list(names.values()), width_in)
    axes.set_xlim(0, 1)
    if len(values) > 1:
        figure.legend(loc="outside upper left", ncols=len(values), handletextpad=0.1)
    return figure


def draw_folds(
    folds: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    names: Mapping[str, str],
    width_in: float,
) -> Figure:
    """Draw each metric's value in every fold as a dot, and their mean as a bar.

    Args:
        folds: Metrics of each fold, by stage.
        names: Metrics to draw, with the names that readers see.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 0.42 * len(names) + 0.75)
    for offset, (stage, by_fold) in zip(_offsets(len(folds)), folds.items(), strict=True):
        color = STAGE_COLORS[stage]
        for row, metric in enumerate(names):
            found = [fold.get(metric) for fold in by_fold.values()]
            dots = [value for value in found if value is not None]
            y = row + offset
            axes.plot(dots, [y] * len(dots), "o", color=color, alpha=0.55, markersize=4.5, mew=0)
            if dots:
                mean = sum(dots) / len(dots)
                axes.plot([mean, mean], [y - 0.13, y + 0.13], color=color, linewidth=2)
        axes.plot([], [], "o", color=color, label=STAGES[stage])
    name_rows(axes, list(names.values()), width_in)
    axes.set_xlim(0, 1)
    if len(folds) > 1:
        figure.legend(loc="outside upper left", ncols=len(folds), handletextpad=0.1)
    return figure


def draw_classes(rows: pl.DataFrame, width_in: float) -> Figure:
    """Draw each class's average precision with its interval, and its recordings.

    Args:
        rows: name, n_recordings, and for each stage its average precision, and the same with its
            interval in `STAGE_cell`; one row a class.
        width_in: Width, inches.
    """
    stages = [stage for stage in STAGES if stage in rows.columns]
    figure, (axes,) = blank(width_in, 0.23 * rows.height + 0.85)
    for offset, stage in zip(_offsets(len(stages)), stages, strict=True):
        color = STAGE_COLORS[stage]
        places = [place + 0.8 * offset for place in range(rows.height)]
        for y, found in zip(places, rows[f"{stage}_cell"], strict=True):
            if found["low"] is not None:
                ends = [found["low"], found["high"]]
                axes.plot(ends, [y, y], color=color, linewidth=1.4, alpha=0.45)
        axes.plot(rows[stage], places, "o", color=color, markersize=4.5, label=STAGES[stage])
    for place, n in enumerate(rows["n_recordings"]):
        axes.text(1.03, place, f"{n or 0:,}", va="center", fontsize=7.5, color=MUTED)
    axes.text(1.03, -0.9, "n", fontsize=7.5, color=MUTED, style="italic", va="center")
    name_rows(axes, list(rows["name"]), width_in)
    axes.set_ylim(rows.height - 0.4, -1.3)
    axes.set_xlim(0, 1.0)
    axes.margins(x=0.02)
    axes.set_xlabel("average precision")
    if len(stages) > 1:
        figure.legend(loc="outside upper left", ncols=len(stages), handletextpad=0.1)
    return figure


def draw_bins(bins: Sequence[Mapping[str, Any]], stages: Sequence[str], width_in: float) -> Figure:
    """Draw mean average precision of classes grouped by their count of recordings.

    Args:
        bins: `label`, `n_classes`, and for each stage its `value`, `low` and `high`.
        stages: Which stages.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 2.6)
    for offset, stage in zip(_offsets(len(stages)), stages, strict=True):
        color = STAGE_COLORS[stage]
        for place, row in enumerate(bins):
            found = row.get(stage)
            if found is None:
                continue
            x = place + 0.6 * offset
            if found["low"] is not None:
                axes.plot([x, x], [found["low"], found["high"]], color=color, linewidth=2)
            axes.plot([x], [found["value"]], "o", color=color, markersize=5.5)
            if not is_narrow(width_in):
                text = f"{found['value']:.2f}"
                axes.text(x + 0.05, found["value"], text, va="center", fontsize=7.5, color=MUTED)
        axes.plot([], [], "o", color=color, label=STAGES[stage])
    labels = [row["label"] + ("\n" + counted(row["n_classes"], "class", "classes")) for row in bins]
    axes.set_xticks(range(len(bins)), labels)
    axes.set_xlim(-0.6, max(len(bins), 3) - 0.4)
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.set_xlabel("recordings of the class")
    axes.set_ylabel("mean average precision")
    axes.grid(axis="y")
    if len(stages) > 1:
        figure.legend(loc="outside upper left", ncols=len(stages), handletextpad=0.1)
    return figure


def draw_confusions(pairs: Sequence[tuple[str, str, int]], width_in: float) -> Figure:
    """Draw the pairs of classes that are taken for each other most often.

    Args:
        pairs: Truth, prediction, count.
        width_in: Width, inches.
    """
    narrow = is_narrow(width_in)
    figure, (axes,) = blank(width_in, (0.36 if narrow else 0.25) * len(pairs) + 0.55)
    joint = "\n→ " if narrow else " → "
    counts = [n for _, _, n in pairs]
    axes.barh(range(len(pairs)), counts, height=0.6, color=RED, alpha=0.75)
    labels = [
        clip_text(truth, width_in) + joint + clip_text(predicted, width_in)
        for truth, predicted, _ in pairs
    ]
    name_rows(axes, [""] * len(pairs), width_in)
    axes.set_yticks(range(len(pairs)), labels)
    for place, n in enumerate(counts):
        axes.text(n + max(counts) * 0.012, place, f"{n:,}", va="center", fontsize=8, color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_xlabel("clips")
    return figure


def _offsets(n: int) -> list[float]:
    """Spread n marks of one row around its middle."""
    return [(place - (n - 1) / 2) * 0.3 for place in range(n)]
