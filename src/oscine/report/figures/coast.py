"""Coastlines for maps: the world's land, cut to what a map shows and no finer than it can show.

Source: Natural Earth (public domain), see `report/outlines/README.md`; polygons are cut by
Sutherland & Hodgman (1974), "Reentrant polygon clipping".
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

PER_DEGREE = 100
"""The file's coordinates are hundredths of a degree."""

Ring = NDArray[np.float64]


class Extent(NamedTuple):
    """What a map shows, degrees."""

    west: float
    east: float
    south: float
    north: float


@cache
def read_land() -> tuple[Ring, ...]:
    """Read the world's land.

    Returns:
        Closed rings of degrees east and north, [n_points, 2]; holes run the other way round.
    """
    file = resources.files("oscine.report") / "outlines" / "land.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    return tuple(np.cumsum(np.reshape(row, (-1, 2)), axis=0) / PER_DEGREE for row in rows)


def land_within(extent: Extent, resolution_deg: float) -> Outline | None:
    """Cut the land to a map.

    Args:
        extent: What the map shows.
        resolution_deg: Of neighbours in one cell of a grid this fine, one stays.

    Returns:
        One outline of all land, to be filled; None where there is only sea.
    """
    rings = [_coarsen(cut(ring, extent), resolution_deg) for ring in _near(extent)]
    closed = [np.concatenate([ring, ring[:1]]) for ring in rings if len(ring) > 2]
    if not closed:
        return None
    return Outline.make_compound_path(*(Outline(ring, closed=True) for ring in closed))


def _near(extent: Extent) -> list[Ring]:
    """Choose the rings whose bounding box meets the map."""
    return [
        ring
        for ring in read_land()
        if ring[:, 0].max() >= extent.west
        and ring[:, 0].min() <= extent.east
        and ring[:, 1].max() >= extent.south
        and ring[:, 1].min() <= extent.north
    ]


def cut(ring: Ring, extent: Extent) -> Ring:
    """Cut a ring to a box, one side after the other.

    Args:
        ring: Points, [n_points, 2]; the last is joined to the first.
        extent: The box.

    Returns:
        The points of what lies inside; none where nothing does.
    """
    for axis, sign, bound in (
        (0, 1, extent.west),
        (0, -1, extent.east),
        (1, 1, extent.south),
        (1, -1, extent.north),
    ):
        depth = sign * (ring[:, axis] - bound)
        if depth.min(initial=0.0) < 0:
            ring = _cut_side(ring, depth)
    return ring


def _cut_side(ring: Ring, depth: NDArray[np.float64]) -> Ring:
    """Keep the points of depth 0 and more, and where the ring crosses depth 0."""
    inside = depth >= 0
    following, deeper = np.roll(ring, -1, axis=0), np.roll(depth, -1)
    crosses = inside != np.roll(inside, -1)
    share = np.divide(depth, depth - deeper, out=np.zeros_like(depth), where=crosses)
    crossing = ring + share[:, None] * (following - ring)
    # Each point that stays, and after it the crossing on the way to the next.
    points = np.stack([ring, crossing], axis=1).reshape(-1, 2)
    return np.asarray(points[np.stack([inside, crosses], axis=1).ravel()])


def _coarsen(ring: Ring, resolution_deg: float) -> Ring:
    cell = np.round(ring / resolution_deg)
    moved = (np.diff(cell, axis=0, append=cell[:1]) != 0).any(axis=1)
    return np.asarray(ring[moved])
