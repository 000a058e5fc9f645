"""Section on the folds: each metric fold by fold, and mean and spread beside the pooled value."""

from __future__ import annotations

from functools import partial
from typing import Any

from oscine.report.blocks import DASH, Block, Cell, Plot, Section, Table, counted, number
from oscine.report.figures.scores import draw_folds
from oscine.report.run import STAGES, Run
from oscine.report.sections.names import METRIC_NAMES
from oscine.report.sections.scores import NOT_EVALUATED, ON_TARGET, metrics_in, value_cell


def folds(run: Run) -> Section:
    """Show each metric fold by fold."""
    title = "Metrics by fold"
    metrics = run.json("evaluate/metrics.json") or {}
    by_stage = {s: metrics[s]["folds"] for s in ON_TARGET if (metrics.get(s) or {}).get("folds")}
    if not by_stage:
        return Section("by-fold", title, absent=NOT_EVALUATED)
    found = {stage: by_fold[next(iter(by_fold))] for stage, by_fold in by_stage.items()}
    names = metrics_in(found, len(run.classes("target")))
    blocks: list[Block] = [
        Plot(
            "folds",
            "A dot is a fold, a bar the mean of the folds.",
            partial(draw_folds, by_stage, {name: METRIC_NAMES[name] for name in names}),
        ),
        _over_folds(metrics, list(by_stage), names),
    ]
    for stage, by_fold in by_stage.items():
        rows = [
            [METRIC_NAMES[name], *(number(fold.get(name)) for fold in by_fold.values())]
            for name in names
        ]
        columns = ["metric", *(f"fold {fold}" for fold in by_fold)]
        blocks.append(Table(STAGES[stage], columns, rows, folded=True))
    return Section("by-fold", title, _missing_sentences(metrics, list(by_stage)), blocks)


def _over_folds(metrics: dict[str, Any], stages: list[str], names: list[str]) -> Table:
    """Put the mean and the spread over folds beside the value of all folds pooled."""
    rows: list[list[str | Cell]] = [
        [METRIC_NAMES[name]]
        + [
            cell
            for stage in stages
            for cell in (
                value_cell(metrics[stage]["pooled"].get(name)),
                _mean(metrics[stage], name),
            )
        ]
        for name in names
    ]
    columns = ["metric"] + [
        f"{STAGES[stage]}, {what}" for stage in stages for what in ("pooled", "mean of folds")
    ]
    return Table("Pooled over the folds, and mean with standard deviation", columns, rows)


def _mean(found: dict[str, Any], name: str) -> Cell:
    mean, spread, n = (found[key].get(name) for key in ("mean", "spread", "n_folds"))
    if mean is None:
        return Cell(DASH)
    return Cell(
        number(mean) if spread is None else f"{number(mean)} ± {number(spread)}", counted(n, "fold")
    )


def _missing_sentences(metrics: dict[str, Any], stages: list[str]) -> list[str]:
    """Name the folds that another run is still to bring."""
    return [
        f"{STAGES[stage]}: without {counted(len(missing), 'fold')} of the recipe, number "
        f"{', '.join(map(str, missing))}, which this run folder does not hold."
        for stage in stages
        if (missing := metrics[stage].get("missing_folds"))
    ]
