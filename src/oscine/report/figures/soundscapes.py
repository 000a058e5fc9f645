"""Figures of a scan held against annotations: each class's curve, and its average precision."""

from __future__ import annotations

import math

import polars as pl
from matplotlib.figure import Figure

from oscine.report.figures.style import BLUE, MUTED, ORANGE, blank, clip_text, is_narrow, name_rows


def draw_class_curves(curves: pl.DataFrame, width_in: float) -> Figure:
    """Draw precision against recall of each class, with the band of its intervals.

    Args:
        curves: name, recall, precision, precision_low, precision_high, share (of windows that
            have the class); classes in drawing order.
        width_in: Width, inches.
    """
    names = list(dict.fromkeys(curves["name"]))
    n_columns = min(len(names), 2 if is_narrow(width_in) else 3)
    n_rows = math.ceil(len(names) / n_columns)
    figure, axes = blank(width_in, 1.75 * n_rows + 0.2, n_rows, n_columns)
    for name, one in zip(names, axes, strict=False):
        rows = curves.filter(name=name)
        one.axhline(rows["share"][0], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        band = rows.drop_nulls(["precision_low", "precision_high"])
        if len(band):
            low, high = band["precision_low"].to_numpy(), band["precision_high"].to_numpy()
            one.fill_between(
                band["recall"].to_numpy(), low, high, color=BLUE, alpha=0.2, linewidth=0
            )
        one.plot(rows["recall"], rows["precision"], color=BLUE)
        one.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        one.set_title(clip_text(name, width_in))
        one.grid()
    for empty in axes[len(names) :]:
        empty.remove()
    figure.supxlabel("recall", fontsize=8.5, color=MUTED)
    figure.supylabel("precision", fontsize=8.5, color=MUTED)
    return figure


def draw_class_precision(rows: pl.DataFrame, width_in: float) -> Figure:
    """Draw each class's average precision with its interval, and that of the run's own clips.

    Args:
        rows: name, n_positive, average_precision with `_low` and `_high`,
            focal_average_precision; one row a class.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 0.2 * rows.height + 0.85)
    for place, row in enumerate(rows.iter_rows(named=True)):
        low, high = row["average_precision_low"], row["average_precision_high"]
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=BLUE, linewidth=2, alpha=0.5)
        axes.text(1.03, place, f"{row['n_positive']:,}", va="center", fontsize=7.5, color=MUTED)
    places = range(rows.height)
    axes.plot(rows["average_precision"], places, "o", color=BLUE, markersize=5, label="soundscapes")
    if rows["focal_average_precision"].is_not_null().any():
        focal = rows["focal_average_precision"].to_list()
        values = [math.nan if value is None else value for value in focal]
        axes.plot(values, places, "o", color=ORANGE, markersize=4, label="validation clips")
        figure.legend(loc="outside upper left", ncols=2, handletextpad=0.1)
    axes.text(1.03, -0.9, "n", fontsize=7.5, color=MUTED, style="italic", va="center")
    name_rows(axes, list(rows["name"]), width_in)
    axes.set_ylim(rows.height - 0.4, -1.3)
    axes.set_xlim(0, 1.0)
    axes.set_xlabel("average precision")
    return figure
