from __future__ import annotations

import pytest

from oscine.report.figures.data import draw_bars, draw_waterfall
from oscine.report.figures.style import NARROW_IN, WIDE_IN


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_a_waterfall_shows_what_was_kept_and_what_was_taken(width_in):
    steps = [
        {"step": "read", "rows": 10, "removed": 0},
        {"step": "drop_it", "rows": 7, "removed": 3},
    ]
    (axes,) = draw_waterfall({"target": steps}, width_in).axes
    assert [bar.get_width() for bar in axes.patches] == [10, 7, 0, 3]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["read", "drop it"]


def test_a_part_that_lost_everything_is_still_drawn():
    steps = {"target": [{"step": "read", "rows": 0, "removed": 0}]}
    assert draw_waterfall(steps, WIDE_IN).axes


def test_stacked_bars_carry_their_totals():
    counts = {"quarantined": {"silent": 2}, "warning": {"silent": 1, "short": 4}}
    colors = {"quarantined": "red", "warning": "orange"}
    (axes,) = draw_bars(counts, colors, "findings", WIDE_IN).axes
    assert [text.get_text() for text in axes.texts] == ["3", "4"]


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_counts_have_whole_ticks_with_thousands_set_apart(width_in):
    (axes,) = draw_bars({"rows": {"a": 3, "b": 2}}, {"rows": "red"}, "rows", width_in).axes
    assert all(tick == int(tick) for tick in axes.get_xticks())
    (axes,) = draw_bars({"rows": {"a": 30_000}}, {"rows": "red"}, "rows", width_in).axes
    assert axes.xaxis.get_major_formatter()(10_000) == "10,000"
