from __future__ import annotations

import polars as pl
import pytest

from oscine.report.figures.scores import (
    draw_bins,
    draw_classes,
    draw_confusions,
    draw_folds,
    draw_metrics,
)
from oscine.report.figures.style import NARROW_IN, WIDE_IN

NAMES = {"cmap": "cmAP", "accuracy": "Accuracy"}


def test_a_metric_is_a_dot_on_its_interval():
    found = {"finetune": {"cmap": {"value": 0.6, "low": 0.5, "high": 0.7}, "accuracy": None}}
    (axes,) = draw_metrics(found, NAMES, WIDE_IN).axes
    assert [list(line.get_xdata()) for line in axes.lines if len(line.get_xdata())] == [
        [0.5, 0.7],
        [0.6],
    ]


def test_a_metric_without_an_interval_is_a_dot_alone():
    found = {"finetune": {"cmap": {"value": 0.6, "low": None, "high": None}}}
    (axes,) = draw_metrics(found, NAMES, WIDE_IN).axes
    assert [list(line.get_xdata()) for line in axes.lines if len(line.get_xdata())] == [[0.6]]


def test_a_fold_without_the_metric_has_no_dot():
    folds = {"finetune": {"0": {"cmap": 0.4}, "1": {"cmap": None}, "2": {"cmap": 0.8}}}
    (axes,) = draw_folds(folds, {"cmap": "cmAP"}, WIDE_IN).axes
    assert list(axes.lines[0].get_xdata()) == [0.4, 0.8]
    assert list(axes.lines[1].get_xdata()) == pytest.approx([0.6, 0.6])


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_a_class_carries_its_count_of_recordings(width_in):
    rows = pl.DataFrame(
        {
            "name": ["A", "B"],
            "n_recordings": [1200, None],
            "finetune": [0.9, None],
            "finetune_cell": [{"low": 0.7, "high": 0.95}, {"low": None, "high": None}],
        },
        schema_overrides={"n_recordings": pl.Int64},
    )
    (axes,) = draw_classes(rows, width_in).axes
    assert [text.get_text() for text in axes.texts] == ["1,200", "0", "n"]
    assert list(axes.lines[0].get_xdata()) == [0.7, 0.95]


def test_bins_say_how_many_classes_they_hold_and_how_sure_their_means_are():
    known, unknown = ({"value": 0.3, "low": 0.2, "high": 0.5}, {"value": 0.1, "low": None})
    bins = [{"label": "0-9", "n_classes": 1, "finetune": known, "baseline": unknown}]
    (axes,) = draw_bins(bins, ["finetune", "baseline"], WIDE_IN).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0-9\n1 class"]
    drawn = [list(line.get_ydata()) for line in axes.lines if len(line.get_ydata())]
    assert drawn == [[0.2, 0.5], [0.3], [0.1]]


def test_confused_pairs_read_from_truth_to_prediction():
    (axes,) = draw_confusions([("Wren", "Robin", 3)], WIDE_IN).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Wren → Robin"]
