"""The figure of activity: for each species dates against hours of the day, and the day's course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from oscine.report.figures.style import BLUE, INK, RULE, clip_text

SHADES = LinearSegmentedColormap.from_list("activity", ["#e9eff5", BLUE, "#0d2f4c"])
"""From no detection to the most an hour; where nothing was recorded there is no colour."""

TICKS = 6
"""Dates that are written below a map, at most."""


def draw_activity(
    counts: pl.DataFrame, effort: pl.DataFrame, species: Sequence[str], width_in: float
) -> Figure:
    """Draw one row a species: detections an hour by date and hour of the day, and by hour alone.

    Args:
        counts: species_code, name, date, hour, detections.
        effort: date, hour, recorded_h.
        species: Species codes, in the order of drawing.
        width_in: Width, inches.
    """
    dates = effort["date"].unique().sort().to_list()
    days = [dates[0].fromordinal(day) for day in _span(dates)]
    recorded = _grid(effort, "recorded_h", days)
    figure = Figure(figsize=(width_in, 1.5 * len(species) + 0.4), layout="constrained")
    axes = figure.subplots(len(species), 2, squeeze=False, width_ratios=[2, 1])
    for code, (over_dates, over_hours) in zip(species, axes, strict=True):
        rows = counts.filter(pl.col("species_code") == code)
        found = _grid(rows, "detections", days)
        _draw_map(over_dates, found, recorded, days)
        _draw_hours(over_hours, found.sum(axis=1), recorded.sum(axis=1))
        over_dates.set_title(clip_text(rows["name"][0], width_in))
        over_hours.set_title(f"{int(found.sum()):,} detections", fontweight="normal")
    axes[-1, 1].set_xlabel("hour of the day")
    return figure


def _span(dates: list[date]) -> range:
    return range(dates[0].toordinal(), dates[-1].toordinal() + 1)


def _grid(rows: pl.DataFrame, column: str, days: list[date]) -> NDArray[np.float64]:
    """Lay values out by hour of the day and date, shape [24, n_days]."""
    grid = np.zeros((24, len(days)))
    for row in rows.iter_rows(named=True):
        grid[row["hour"], row["date"].toordinal() - days[0].toordinal()] += row[column]
    return grid


def _rate(found: NDArray[np.float64], recorded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide by the hours recorded; NaN where there are none."""
    rate = np.full(found.shape, np.nan)
    np.divide(found, recorded, out=rate, where=recorded > 0)
    return rate


def _draw_map(axes: Axes, found: Any, recorded: Any, days: list[date]) -> None:
    axes.imshow(
        _rate(found, recorded),
        origin="lower",
        aspect="auto",
        cmap=SHADES,
        vmin=0.0,
        extent=(-0.5, len(days) - 0.5, 0.0, 24.0),
        interpolation="nearest",
    )
    shown = range(0, len(days), -(-len(days) // TICKS))
    axes.set_xticks(list(shown), [f"{days[day]:%d %b}" for day in shown])
    axes.set_yticks([0, 6, 12, 18, 24])
    axes.set_ylabel("hour")


def _draw_hours(axes: Axes, found: Any, recorded: Any) -> None:
    rate = _rate(found, recorded)
    axes.bar(np.arange(24) + 0.5, np.nan_to_num(rate), width=0.9, color=BLUE)
    unheard = np.flatnonzero(np.isnan(rate))
    axes.bar(unheard + 0.5, np.nanmax(rate), width=1.0, color=RULE, alpha=0.5)
    axes.set_xlim(0, 24)
    axes.set_xticks([0, 6, 12, 18, 24])
    axes.set_ylabel("an hour", color=INK)
