from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Outline

from oscine.report.figures.coast import Extent, cut, land_within, read_land

WORLD = Extent(-180.0, 180.0, -90.0, 90.0)


def on_land(extent: Extent, places: np.ndarray) -> np.ndarray:
    """Tell which places are on land: inside an odd number of rings, for lakes are rings too."""
    outline = land_within(extent, 0.01)
    rings = [] if outline is None else outline.to_polygons()
    inside = [Outline(ring).contains_points(places) for ring in rings]
    return np.sum(inside, axis=0) % 2 == 1 if inside else np.zeros(len(places), dtype=bool)


def area(ring: np.ndarray) -> float:
    x, y = ring.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "expected"),
    [
        ("Nairobi", 36.8, -1.3, True),
        ("Mauna Kea", -155.5, 19.8, True),
        ("Nottingham", -1.15, 52.95, True),
        ("Wrangel", 179.0, 71.2, True),
        ("South Pole", 0.0, -89.5, True),
        ("the Caspian Sea", 51.0, 41.5, False),
        ("the Irish Sea", -4.6, 53.8, False),
        ("the Pacific", -140.0, 0.0, False),
        ("the Barents Sea", 40.0, 73.0, False),
    ],
)
def test_land_is_where_it_is(place, longitude, latitude, expected):
    extent = Extent(longitude - 5, longitude + 5, max(-90, latitude - 5), latitude + 5)
    found = on_land(extent, np.array([[longitude, latitude]]))
    assert found.tolist() == [expected], place


def test_every_ring_is_closed_and_on_the_world():
    for ring in read_land():
        assert (ring[0] == ring[-1]).all()
        assert np.abs(ring[:, 0]).max() <= 180
        assert np.abs(ring[:, 1]).max() <= 90


def test_land_is_a_little_less_than_a_third_of_the_world():
    points = np.random.default_rng(0).uniform(-1, 1, size=(4000, 2))
    places = np.column_stack([180 * points[:, 0], np.degrees(np.arcsin(points[:, 1]))])
    # The Earth is 29 % land; 4000 draws are true to 2 %, ice shelves add a little.
    assert on_land(WORLD, places).mean() == pytest.approx(0.29, abs=0.025)


def test_a_map_of_the_sea_has_no_land():
    assert land_within(Extent(-140, -135, -2, 2), 0.1) is None


def test_a_coarser_map_has_fewer_points():
    fine, coarse = (land_within(WORLD, step) for step in (0.05, 1.0))
    assert len(coarse.vertices) < len(fine.vertices) / 2


SQUARE = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
BOUND = st.floats(-2, 6).map(lambda value: round(value, 2))


@given(west=BOUND, width=st.floats(0.1, 8), south=BOUND, height=st.floats(0.1, 8))
def test_a_square_is_cut_to_what_it_shares_with_a_box(west, width, south, height):
    extent = Extent(west, west + width, south, south + height)
    inside = cut(SQUARE, extent)
    shared_x = max(0.0, min(4, extent.east) - max(0, extent.west))
    shared_y = max(0.0, min(4, extent.north) - max(0, extent.south))
    assert (area(inside) if len(inside) else 0.0) == pytest.approx(shared_x * shared_y, abs=1e-9)


def test_a_ring_within_the_box_stays_as_it_is():
    assert cut(SQUARE, WORLD) is SQUARE
