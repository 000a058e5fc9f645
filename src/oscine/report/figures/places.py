"""Figures of where and by whom: recordings on a map, and how they concentrate on recordists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from oscine.report.blocks import counted
from oscine.report.figures.coast import Extent, land_within
from oscine.report.figures.style import (
    MUTED,
    PART_COLORS,
    RULE,
    blank,
    is_narrow,
)
from oscine.report.run import PARTS

LEAST_SPAN_DEG = 6.0
"""How much a map shows at least, so that one garden still has a coast around it."""
MARGIN = 0.07
"""What is added on each side, as a share of the span of the places."""
LOWEST, TALLEST = 0.42, 1.1
"""Limits of a map's height as a share of its width."""
CELLS = {False: 110, True: 64}
"""Cells of the map's width, on a desktop and on a phone."""
DOT_POINTS = (2.6, 3.4, 4.4, 5.6, 7.0)
"""Diameters of dots for 1, 10, 100, 1000 and 10 000 recordings and more, points."""


def draw_map(places: pl.DataFrame, width_in: float) -> Figure:
    """Draw recordings on an equirectangular map that shows their region.

    Args:
        places: latitude, longitude (degrees) and part of each recording.
        width_in: Width, inches.
    """
    extent, stretch = frame(places)
    height_in = width_in * _height(extent, stretch)
    figure, (axes,) = blank(width_in, height_in + 0.5)
    one_point_deg = (extent.east - extent.west) / (72 * width_in)
    land = land_within(extent, one_point_deg)
    if land is not None:
        axes.add_artist(PathPatch(land, facecolor=RULE, edgecolor="none"))
    for part, color in PART_COLORS.items():
        rows = places.filter(pl.col("part") == part)
        if rows.height:
            axes.plot([], [], "o", color=color, label=f"{PARTS[part]}: {rows.height:,}")
        for size, cells in _dots(rows, extent, CELLS[is_narrow(width_in)]):
            x, y = cells["longitude"], cells["latitude"]
            axes.plot(x, y, "o", color=color, alpha=0.6, markersize=size, markeredgewidth=0)
    axes.set(xlim=extent[:2], ylim=extent[2:], aspect=stretch)
    axes.xaxis.set_major_formatter(lambda value, _: _degrees(value, "W", "E"))
    axes.yaxis.set_major_formatter(lambda value, _: _degrees(value, "S", "N"))
    axes.locator_params(nbins=5)
    for spine in axes.spines.values():
        spine.set_visible(True)
    figure.legend(loc="outside upper left", ncols=2, handletextpad=0.1)
    return figure


def frame(places: pl.DataFrame) -> tuple[Extent, float]:
    """Choose what a map shows, and how much wider a degree north is drawn than one east.

    Args:
        places: latitude and longitude, degrees.

    Returns:
        The extent: all places and a margin, no flatter or taller than a page bears; and the
        stretch, which makes distances true at the extent's middle latitude.
    """
    x, y = (places[name].to_numpy() for name in ("longitude", "latitude"))
    middle = float(y.min() + y.max()) / 2
    stretch = 1 / max(np.cos(np.radians(middle)), 0.3)
    width = max(np.ptp(x) * (1 + 2 * MARGIN), LEAST_SPAN_DEG * stretch)
    height = max(np.ptp(y) * (1 + 2 * MARGIN), LEAST_SPAN_DEG)
    height = max(height, LOWEST * width / stretch)
    width = max(width, height * stretch / TALLEST)
    west, east = _interval(float(x.min() + x.max()) / 2, float(width), 180.0)
    south, north = _interval(middle, float(height), 90.0)
    return Extent(west, east, south, north), float(stretch)


def _interval(middle: float, span: float, limit: float) -> tuple[float, float]:
    """Lay a span around its middle, moved so as not to leave the world."""
    span = min(span, 2 * limit)
    low = min(max(middle - span / 2, -limit), limit - span)
    return low, low + span


def _height(extent: Extent, stretch: float) -> float:
    return (extent.north - extent.south) * stretch / (extent.east - extent.west)


def _dots(rows: pl.DataFrame, extent: Extent, n_cells: int) -> list[tuple[float, pl.DataFrame]]:
    """Gather recordings in cells; give each size of dot the middle points of its cells."""
    cell = (extent.east - extent.west) / n_cells
    grid = [
        (pl.col(name) / cell).floor().alias(f"{name}_cell") for name in ("longitude", "latitude")
    ]
    cells = (
        rows.group_by(grid)
        .agg(pl.len().alias("n"), pl.col("longitude", "latitude").mean())
        .sort("longitude_cell", "latitude_cell")
    )
    digits = pl.col("n").cast(pl.String).str.len_chars().cast(pl.Int64)
    ranked = cells.with_columns(rank=(digits - 1).clip(upper_bound=len(DOT_POINTS) - 1))
    found = [
        (size, ranked.filter(pl.col("rank") == place)) for place, size in enumerate(DOT_POINTS)
    ]
    return [(size, table) for size, table in found if table.height]


def _degrees(value: float, below: str, above: str) -> str:
    return f"{abs(value):g}°{(above if value > 0 else below) if value else ''}"


def draw_concentration(counts: Mapping[str, Sequence[int]], width_in: float) -> Figure:
    """Draw what share of the recordings the busiest recordists made.

    Args:
        counts: Recordings of each recordist, by part.
        width_in: Width, inches.
    """
    figure, (axes,) = blank(width_in, 2.9)
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    for part, values in counts.items():
        ordered = np.sort(np.asarray(values))[::-1]
        made = np.concatenate([[0.0], np.cumsum(ordered) / ordered.sum()]) * 100
        who = np.linspace(0, 100, len(made))
        label = f"{PARTS[part]}: {counted(len(ordered), 'recordist')}"
        axes.plot(who, made, color=PART_COLORS[part], label=label)
    axes.set(xlim=(0, 100), ylim=(0, 102))
    axes.set_xlabel("recordists, the busiest first, %")
    axes.set_ylabel("recordings, %")
    axes.grid()
    axes.legend(loc="lower right")
    return figure
