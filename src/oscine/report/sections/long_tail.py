"""Section on the long tail: how well rare and common classes are recognised, with intervals."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from oscine.report.blocks import DASH, Block, Cell, Plot, Section, Table, counted, number, signed
from oscine.report.figures.scores import draw_bins
from oscine.report.run import STAGES, Run
from oscine.report.sections.scores import NOT_EVALUATED, ON_TARGET, value_cell

TITLE = "The long tail"
NO_BINS = "It was evaluated by an oscine that kept no bins; the same command evaluates it again."
DIFFERENCE = "finetune-baseline"


def long_tail(run: Run) -> Section:
    """Show average precision by how many recordings a class has."""
    table = run.table("evaluate/by_frequency.parquet")
    stages = [] if table is None else [s for s in ON_TARGET if s in set(table["stage"])]
    if table is None or not stages:
        earlier = run.json("evaluate/metrics.json") is not None and table is None
        return Section("long-tail", TITLE, absent=NO_BINS if earlier else NOT_EVALUATED)
    bins = _bins(table, [*stages, DIFFERENCE])
    compared = any(row.get(DIFFERENCE) for row in bins)
    columns = ["recordings of a class", "classes", *(STAGES[stage] for stage in stages)]
    rows: list[list[str | Cell]] = [
        [row["label"], number(row["n_classes"])]
        + [value_cell(row.get(stage)) for stage in stages]
        + ([value_cell(row.get(DIFFERENCE), change=True)] if compared else [])
        for row in bins
    ]
    caption = "Mean average precision of classes by how many recordings they have"
    blocks: list[Block] = [
        Plot(
            "frequency",
            f"{caption}; lines are {run.level} intervals from resampling whole groups of clips.",
            partial(draw_bins, bins, stages),
        ),
        Table(f"{caption}, with {run.level} intervals", columns + ["difference"] * compared, rows),
    ]
    text = [sentence for sentence in (_gap(bins, stages[0]), _buys(bins)) if sentence]
    return Section("long-tail", TITLE, text, blocks)


def _bins(table: pl.DataFrame, stages: list[str]) -> list[dict[str, Any]]:
    """Give one row a bin, the rarest classes first, with value, low and high of each stage."""
    found: dict[int, dict[str, Any]] = {}
    for row in table.filter(pl.col("stage").is_in(stages)).sort("fewest").iter_rows(named=True):
        most = row["most"]
        label = f"{row['fewest']}+" if most is None else f"{row['fewest']}{DASH}{most}"
        one = found.setdefault(
            row["fewest"], {"label": label, "n_classes": row["n_classes"], "most": most}
        )
        one[row["stage"]] = {name: row[name] for name in ("value", "low", "high")}
    return list(found.values())


def _gap(bins: list[dict[str, Any]], stage: str) -> str:
    """Say how far the rarest classes are behind the commonest."""
    rare, common = bins[0], bins[-1]
    if rare is common or stage not in rare or stage not in common:
        return ""
    return (
        f"{counted(rare['n_classes'], 'class', 'classes')} with at most {rare['most']} recordings: "
        f"mean average precision {number(rare[stage]['value'])}; the commonest, "
        f"{counted(common['n_classes'], 'class', 'classes')}: {number(common[stage]['value'])}."
    )


def _buys(bins: list[dict[str, Any]]) -> str:
    """Say in which bins pretraining changes anything that can be told."""
    told = [
        f"{signed(found['value'])} for classes with {row['label']} recordings"
        for row in bins
        if (found := row.get(DIFFERENCE)) and found["low"] is not None
        if found["low"] > 0 or found["high"] < 0
    ]
    return f"Pretraining changes it by {', by '.join(told)}." if told else ""
