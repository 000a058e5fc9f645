from __future__ import annotations

import polars as pl
import pytest

from oscine.report.figures.fit import draw_learning_curves, draw_shares
from oscine.report.figures.style import NARROW_IN, WIDE_IN


def history(stages: list[str], folds: int = 1, epochs: int = 3) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"stage": s, "fold": f, "epoch": e, "train_loss": 1.0, "val_loss": 1 + f, "cmap": 0.5}
            for s in stages
            for f in range(folds)
            for e in range(epochs)
        ]
    )


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
@pytest.mark.parametrize("stages", [["finetune"], ["pretrain", "finetune", "baseline"]])
def test_each_stage_has_a_loss_and_a_metric(stages, width_in):
    figure = draw_learning_curves(history(stages), "cmap", "cmAP", width_in)
    assert len(figure.axes) == 2 * len(stages)


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_the_legend_covers_no_curve(width_in):
    figure = draw_learning_curves(history(["pretrain", "finetune"]), "cmap", "cmAP", width_in)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert [text.get_text() for text in legend.get_texts()] == ["training", "validation"]
    assert not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)


def test_the_bold_line_is_the_mean_of_the_folds():
    figure = draw_learning_curves(history(["finetune"], folds=3), "cmap", "cmAP", WIDE_IN)
    bold = [line for line in figure.axes[0].lines if line.get_label() == "validation"]
    assert list(bold[0].get_ydata()) == [2.0, 2.0, 2.0]


def test_a_metric_that_was_never_defined_draws_no_line():
    rows = history(["finetune"]).with_columns(pl.lit(None, dtype=pl.Float64).alias("cmap"))
    assert not draw_learning_curves(rows, "cmap", "cmAP", WIDE_IN).axes[1].lines


def test_a_single_epoch_is_a_dot():
    figure = draw_learning_curves(history(["finetune"], epochs=1), "cmap", "cmAP", WIDE_IN)
    assert figure.axes[1].lines[0].get_marker() == "o"


def test_shares_of_a_row_fill_it():
    figure = draw_shares({"a": {"decode": 1.0, "wait": 3.0}, "b": {"decode": 0.0}}, NARROW_IN)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [25.0, 0.0, 75.0, 0.0]


def test_epochs_count_from_one():
    figure = draw_learning_curves(history(["finetune"], folds=2), "cmap", "cmAP", WIDE_IN)
    assert {tuple(line.get_xdata()) for axes in figure.axes for line in axes.lines} == {(1, 2, 3)}
