from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.report.blocks import Plot
from oscine.report.figures.places import (
    DOT_POINTS,
    LEAST_SPAN_DEG,
    LOWEST,
    TALLEST,
    draw_concentration,
    draw_map,
    frame,
)
from oscine.report.figures.style import NARROW_IN, WIDE_IN, render


def places(longitude, latitude, part="target") -> pl.DataFrame:
    return pl.DataFrame({"longitude": longitude, "latitude": latitude}).with_columns(
        part=pl.lit(part)
    )


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [
        ([-3.0], [54.0]),
        ([-179.0, 179.0], [-70.0, 75.0]),
        ([10.0, 60.0], [0.0, 1.0]),
        ([10.0, 11.0], [-40.0, 60.0]),
        ([170.0, 179.9], [80.0, 89.0]),
    ],
)
def test_a_map_shows_all_places_and_is_a_picture_that_a_page_bears(longitude, latitude):
    extent, stretch = frame(places(longitude, latitude))
    assert -180 <= extent.west <= min(longitude) <= max(longitude) <= extent.east <= 180
    assert -90 <= extent.south <= min(latitude) <= max(latitude) <= extent.north <= 90
    share = (extent.north - extent.south) * stretch / (extent.east - extent.west)
    # At the poles the world ends before the map is as high as it should be.
    assert LOWEST * 0.5 <= share <= TALLEST * 1.001


def test_one_place_has_a_region_around_it():
    extent, _ = frame(places([-3.0], [54.0]))
    assert extent.north - extent.south >= LEAST_SPAN_DEG


def test_recordings_of_one_cell_are_one_larger_dot():
    many = places([5.0] * 1000 + [9.0], [50.0] * 1000 + [47.0])
    (axes,) = draw_map(many, WIDE_IN).axes
    dots = [
        (line.get_markersize(), len(line.get_xdata()))
        for line in axes.lines
        if len(line.get_xdata())
    ]
    assert dots == [(DOT_POINTS[0], 1), (DOT_POINTS[3], 1)]


def test_parts_have_colours_of_their_own_and_their_counts_in_the_legend():
    both = pl.concat([places([5.0], [50.0], "pretrain"), places([6.0, 7.0], [51.0, 52.0])])
    figure = draw_map(both, NARROW_IN)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["Pretraining catalog: 1", "Target catalog: 2"]
    assert len({line.get_color() for line in figure.axes[0].lines}) == 2


def test_a_map_of_many_recordings_stays_small():
    draws = np.random.default_rng(1)
    many = places(draws.uniform(-180, 180, 200_000), draws.uniform(-60, 75, 200_000))
    svg = render(Plot("map", "", lambda width_in: draw_map(many, width_in)), WIDE_IN)
    assert len(svg) < 1_000_000


def test_concentration_rises_from_nothing_to_all():
    (axes,) = draw_concentration({"target": [1, 8, 1]}, WIDE_IN).axes
    line = axes.lines[-1]
    assert line.get_xdata()[0] == 0
    assert line.get_ydata().tolist() == pytest.approx([0, 80, 90, 100])
