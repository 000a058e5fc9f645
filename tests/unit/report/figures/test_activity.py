from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from oscine.report.figures.activity import draw_activity
from oscine.report.figures.style import WIDE_IN

COUNTS = pl.DataFrame(
    {
        "species_code": ["wren", "wren", "owl"],
        "name": ["Wren", "Wren", "Owl"],
        "date": [date(2024, 5, 1), date(2024, 5, 4), date(2024, 5, 4)],
        "hour": [4, 4, 23],
        "detections": [3, 1, 2],
    }
)
EFFORT = pl.DataFrame(
    {
        "date": [date(2024, 5, 1), date(2024, 5, 4), date(2024, 5, 4)],
        "hour": [4, 4, 23],
        "recorded_h": [0.5, 1.0, 1.0],
    }
)


def test_each_species_has_a_map_and_the_days_course() -> None:
    axes = draw_activity(COUNTS, EFFORT, ["owl", "wren"], WIDE_IN).axes
    assert [one.get_title(loc="left") or one.get_title() for one in axes] == [
        *("Owl", "2 detections", "Wren", "4 detections"),
    ]


def test_a_map_holds_detections_an_hour_and_nothing_where_nothing_was_recorded() -> None:
    axes = draw_activity(COUNTS, EFFORT, ["wren"], WIDE_IN).axes
    shown = np.ma.filled(axes[0].images[0].get_array(), np.nan)
    assert shown.shape == (24, 4)  # the dates without a recording have a column too
    assert [shown[4, 0], shown[4, 3], shown[23, 3]] == [6.0, 1.0, 0.0]
    assert np.isnan(shown).sum() == 24 * 4 - 3


def test_the_days_course_is_over_all_dates() -> None:
    axes = draw_activity(COUNTS, EFFORT, ["wren"], WIDE_IN).axes
    heights = [bar.get_height() for bar in axes[1].containers[0]]
    assert heights[4] == 4 / 1.5
    assert heights[23] == 0.0
    assert len(axes[1].containers[1]) == 22  # hours that nobody listened to
