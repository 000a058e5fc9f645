"""Make the coastlines of the report's maps: Natural Earth's land, simplified to a compact file.

The input is `land-50m.json` of the npm package world-atlas 2.0.2 (Natural Earth 4.1, 1:50 million):

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/land_outline.py package/land-50m.json

Source of the simplification: Douglas & Peucker (1973), "Algorithms for the reduction of the number
of points required to represent a digitized line or its caricature".
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.report.figures.coast import PER_DEGREE, Extent, cut

OUTPUT = Path(__file__).parents[1] / "src/oscine/report/outlines/land.json"
TOLERANCE_DEG = 0.03
"""How far a simplified coast may lie from the true one: 3 km."""
LEAST_AREA_DEG2 = 0.003
"""Islands smaller than this, 35 km² at the equator, are left out."""
WORLD = Extent(-180.0, 180.0, -90.0, 90.0)

Points = NDArray[np.float64]


def main(source: Path) -> None:
    """Read a TopoJSON file and write the outline."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    flat = [part for ring in read_rings(topology) for part in lay_flat(ring)]
    rings = [simplify_ring(ring) for ring in flat]
    kept = [ring for ring in rings if abs(area(ring)) >= LEAST_AREA_DEG2]
    rows = [json.dumps(differences(ring), separators=(",", ":")) for ring in kept]
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
    size = OUTPUT.stat().st_size
    print(f"{len(kept)} of {len(rings)} rings, {sum(map(len, kept))} points, {size} bytes")  # noqa: T201


def read_rings(topology: dict[str, Any]) -> list[Points]:
    """Join the arcs of a topology's polygons to rings, in degrees east and north."""
    scale, move = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in topology["arcs"]]
    polygons = [
        polygon
        for geometry in topology["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
    ]
    return [_join(arcs, places) for polygon in polygons for places in polygon]


def _join(arcs: list[Points], places: list[int]) -> Points:
    """Join arcs; `~i` is arc i backwards, and the ends of neighbours are one point."""
    parts = [arcs[place] if place >= 0 else arcs[~place][::-1] for place in places]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def lay_flat(ring: Points) -> list[Points]:
    """Part a ring at the 180th meridian, which the topology's rings cross."""
    x = np.unwrap(ring[:, 0], period=360.0)
    ring = np.column_stack([x, ring[:, 1]])
    if abs(x[-1] - x[0]) > 180:  # Antarctica runs round the pole.
        pole = [[x[-1], WORLD.south], [x[0], WORLD.south]]
        ring = np.concatenate([ring, pole, ring[:1]])
    parts = [cut(ring + np.array([turn, 0.0]), WORLD) for turn in (-360.0, 0.0, 360.0)]
    return [np.concatenate([part, part[:1]]) for part in parts if len(part) > 2]


def area(ring: Points) -> float:
    """Give a closed ring's signed area in square degrees."""
    x, y = ring.T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2


def simplify_ring(ring: Points) -> Points:
    """Simplify a closed ring in two halves, parted at the point farthest from its start."""
    far = int(np.linalg.norm(ring - ring[0], axis=1).argmax())
    first, second = simplify(ring[: far + 1]), simplify(ring[far:])
    return np.concatenate([first, second[1:]])


def simplify(line: Points) -> Points:
    """Drop the points of a line that lie within the tolerance of what stays."""
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        away = distances(line[start + 1 : end], line[start], line[end])
        if away.max() > TOLERANCE_DEG:
            farthest = start + 1 + int(away.argmax())
            keep[farthest] = True
            spans += [(start, farthest), (farthest, end)]
    return line[keep]


def distances(points: Points, start: Points, end: Points) -> NDArray[np.float64]:
    """Give the distance of points from the line through two others, degrees."""
    along = end - start
    length = float(np.hypot(*along))
    if length == 0:
        return np.asarray(np.linalg.norm(points - start, axis=1))
    x, y = (points - start).T
    return np.asarray(np.abs(along[0] * y - along[1] * x) / length)


def differences(ring: Points) -> list[int]:
    """Write a ring as its first point and then steps: x, y, dx, dy, dx, dy ..."""
    whole = np.round(ring * PER_DEGREE).astype(int)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=int))
    moved = np.concatenate([[True], (steps[1:] != 0).any(axis=1)])
    return [int(value) for value in steps[moved].ravel()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
