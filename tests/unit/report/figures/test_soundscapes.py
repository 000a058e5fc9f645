from __future__ import annotations

import polars as pl
import pytest

from oscine.report.figures.soundscapes import draw_class_curves, draw_class_precision
from oscine.report.figures.style import NARROW_IN, WIDE_IN


def curves(n_classes: int, low: float | None = 0.3) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "name": f"Bird {number}",
                "recall": recall,
                "precision": 1 - recall / 2,
                "precision_low": low,
                "precision_high": None if low is None else 0.9,
                "share": 0.2,
            }
            for number in range(n_classes)
            for recall in (0.25, 0.5, 1.0)
        ],
        schema_overrides={"precision_low": pl.Float64, "precision_high": pl.Float64},
    )


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_each_class_has_axes_of_its_own_and_none_are_empty(width_in):
    axes = draw_class_curves(curves(4), width_in).axes
    assert [one.get_title(loc="left") or one.get_title() for one in axes] == [
        f"Bird {number}" for number in range(4)
    ]
    assert list(axes[0].lines[1].get_ydata()) == [0.875, 0.75, 0.5]
    assert list(axes[0].lines[0].get_ydata()) == [0.2, 0.2]


def test_a_curve_has_its_band_where_there_is_an_interval():
    assert len(draw_class_curves(curves(1), WIDE_IN).axes[0].collections) == 1
    assert len(draw_class_curves(curves(1, low=None), WIDE_IN).axes[0].collections) == 0


def table(focal: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": ["Wren", "Robin"],
            "n_positive": [12, 3],
            "average_precision": [0.8, 0.4],
            "average_precision_low": [0.7, None],
            "average_precision_high": [0.9, None],
            "focal_average_precision": [focal, None],
        },
        schema_overrides={"focal_average_precision": pl.Float64},
    )


def test_classes_stand_with_their_intervals_and_counts():
    (axes,) = draw_class_precision(table(None), WIDE_IN).axes
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.7, 0.9], [0.8, 0.4]]
    assert {"12", "3"} <= {text.get_text() for text in axes.texts}


def test_the_runs_own_clips_stand_beside_them_where_they_are_known():
    figure = draw_class_precision(table(0.95), WIDE_IN)
    assert next(iter(figure.axes[0].lines[-1].get_xdata())) == 0.95
    assert len(figure.legends) == 1
