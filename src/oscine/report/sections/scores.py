"""Sections on scores: the headline, naive and grouped folds, classes, frequency bins."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from oscine.report.blocks import DASH, Block, Cell, Plot, Section, Table, counted, number, signed
from oscine.report.figures.scores import (
    draw_classes,
    draw_metrics,
)
from oscine.report.run import STAGES, Run, readable_name
from oscine.report.sections.names import METRIC_MEANINGS, METRIC_NAMES

ON_TARGET = ("finetune", "baseline")
"""Stages that are scored on the target catalog, so that they can be compared."""

CLASSES_SHOWN = 40
AP = "average_precision"
ENDS = (f"{AP}_low", f"{AP}_high")
NOT_EVALUATED = "Nothing has been evaluated in this run."


def headline(run: Run) -> Section:
    """Show the metrics with and without pretraining, and what the difference says."""
    title = "Result"
    metrics = run.json("evaluate/metrics.json") or {}
    stages = [stage for stage in ON_TARGET if metrics.get(stage)]
    if not stages:
        return Section("result", title, absent=NOT_EVALUATED)
    pooled = {stage: metrics[stage]["pooled"] for stage in stages}
    names = metrics_in(pooled, len(run.classes("target")))
    differences = (metrics.get("difference") or {}).get("finetune-baseline") or {}
    columns = ["metric", *(STAGES[stage] for stage in stages)] + ["difference"] * bool(differences)
    rows: list[list[str | Cell]] = [
        [
            METRIC_NAMES[name],
            *(value_cell(pooled[stage].get(name)) for stage in stages),
            *([value_cell(differences.get(name), change=True)] if differences else []),
        ]
        for name in names
    ]
    n = metrics[stages[0]].get("n")
    where = f"on {counted(n, 'out-of-fold clip')}" if n else "on the out-of-fold clips"
    meanings = [[METRIC_NAMES[name], METRIC_MEANINGS[name]] for name in names]
    blocks: list[Block] = [
        Table(f"Metrics {where}, with {run.level} intervals", columns, rows),
        Plot(
            "metrics",
            f"Metrics pooled over the folds; lines are {run.level} intervals from resampling whole "
            "groups of clips.",
            partial(draw_metrics, pooled, {name: METRIC_NAMES[name] for name in names}),
        ),
        Table("What the metrics mean", ["metric", "meaning"], meanings, 2, folded=True),
    ]
    return Section("result", title, [_verdict(differences, stages, run.level)], blocks)


def metrics_in(by_stage: dict[str, dict[str, Any]], n_classes: int) -> list[str]:
    """List the metrics that say something: five guesses among five classes do not."""
    return [
        name
        for name in METRIC_NAMES
        if any(found.get(name) for found in by_stage.values())
        and not (name == "top_5_accuracy" and 0 < n_classes <= 5)
    ]


def value_cell(found: dict[str, float | None] | None, change: bool = False) -> Cell:
    """Write a value with its interval."""
    if found is None or found["value"] is None:
        return Cell(DASH)
    write = signed if change else number
    if found["low"] is None:
        return Cell(write(found["value"]))
    return Cell(write(found["value"]), f"{write(found['low'], 2)} to {write(found['high'], 2)}")


def _verdict(differences: dict[str, Any], stages: list[str], level: str) -> str:
    """Say what pretraining did to cmAP, and only what the interval allows."""
    found = differences.get("cmap")
    if found is None or found["value"] is None:
        kind = "with" if stages == ["finetune"] else "without"
        return f"The model was fitted {kind} pretraining; there is no second fit to compare with."
    change = signed(found["value"])
    if found["low"] is None:
        return f"Pretraining changes cmAP by {change}; there are too few groups for an interval."
    span = f"{level} interval {signed(found['low'])} to {signed(found['high'])}"
    if found["low"] > 0:
        return f"Pretraining raises cmAP by {change} ({span})."
    if found["high"] < 0:
        return f"Pretraining lowers cmAP by {change} ({span})."
    return f"Pretraining changes cmAP by {change}; the {span} does not exclude no change."


def naive(run: Run) -> Section:
    """Show the scores of naive folds beside those of grouped folds, and what the leak buys."""
    title = "Naive and grouped folds"
    metrics = run.json("evaluate/metrics.json") or {}
    if not (metrics.get("naive") and metrics.get("finetune")):
        why = "The target was not fitted with naive folds; compare_naive: true does it."
        return Section("naive", title, absent=why)
    pooled = {stage: metrics[stage]["pooled"] for stage in ("naive", "finetune")}
    difference, n_both = naive_difference(metrics)
    columns = ["metric", "naive folds", "grouped folds", "difference"]
    rows: list[list[str | Cell]] = [
        [
            METRIC_NAMES[name],
            *(value_cell(found.get(name)) for found in pooled.values()),
            value_cell(difference.get(name), change=True),
        ]
        for name in metrics_in(pooled, len(run.classes("target")))
    ]
    caption = (
        f"Metrics with {run.level} intervals: {metrics['naive']['n']:,} clips in naive folds, "
        f"{metrics['finetune']['n']:,} in grouped folds; the difference is on {n_both:,} clips "
        "that both score"
    )
    leaks = run.json("naive_folds/leaks.json") or {}
    parted = [counted(n["leaks"], key) for key, n in leaks.items() if n["leaks"]]
    text = [f"Naive folds put on both sides: {', '.join(parted)}."] if parted else []
    text = [naive_verdict(metrics, run.level), *text]
    return Section("naive", title, text, [Table(caption, columns, rows)])


def naive_difference(metrics: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Find the difference of naive from grouped folds, and on how many clips it was taken."""
    pair = "naive-finetune"
    difference = (metrics.get("difference") or {}).get(pair) or {}
    return difference, (metrics.get("compared") or {}).get(pair, 0)


def naive_verdict(metrics: dict[str, Any], level: str) -> str:
    """Say what naive folds did to cmAP, and only what the interval allows.

    Args:
        metrics: What `evaluate/metrics.json` holds.
        level: What the intervals hold, such as `95 %`.
    """
    difference, n = naive_difference(metrics)
    found = difference.get("cmap")
    if found is None or found["value"] is None:
        return (
            "No clip of a class that can be compared is scored by both kinds of folds; select all "
            "folds (target_folds.selected) to compare them on the same clips."
        )
    change = f"naive folds change cmAP by {signed(found['value'])}"
    where = f"On the {counted(n, 'clip')} that both score, {change}"
    if found["low"] is None:
        return f"{where}; there are too few groups for an interval."
    span = f"{level} interval {signed(found['low'])} to {signed(found['high'])}"
    if found["low"] > 0:
        return (
            f"{where} ({span}): that much of a naive score is not kept with recordists and "
            "recordings that the model has not heard in training."
        )
    if found["high"] < 0:
        return f"{where} ({span}): no leak flatters the scores of this target."
    return f"{where}; the {span} does not exclude no change."


def by_class(run: Run) -> Section:
    """Show average precision class by class, and by how common a class is."""
    title = "Metrics by class"
    table = run.table("evaluate/per_class.parquet")
    if table is None or not set(table.get_column("stage", default=pl.Series())) & set(ON_TARGET):
        return Section("by-class", title, absent=NOT_EVALUATED)
    wide = _one_row_a_class(table)
    stages = [stage for stage in ON_TARGET if stage in wide.columns]
    scored = wide.filter(pl.col(stages[0]).is_not_null())
    shown = scored
    note = ""
    if scored.height > CLASSES_SHOWN:
        half = CLASSES_SHOWN // 2
        shown = pl.concat([scored.head(half), scored.tail(half)])
        note = f" The best and the worst {half} of {scored.height} are shown; the table has all."
    rows = [
        [Cell(row["name"], row["scientific_name"] or "")]
        + [number(row["n_recordings"]), number(row["n_validation"])]
        + [value_cell(row[f"{stage}_cell"]) for stage in stages]
        for row in wide.iter_rows(named=True)
    ]
    columns = ["species", "recordings", "validation", *(STAGES[stage] for stage in stages)]
    blocks: list[Block] = []
    if shown.height:
        blocks += [
            Plot(
                "by-class",
                f"Average precision of each class, with {run.level} intervals; n is its recordings "
                f"in the catalog.{note}",
                partial(draw_classes, shown),
            ),
        ]
    blocks.append(
        Table(
            f"Average precision of every class, with {run.level} intervals",
            columns,
            rows,
            folded=True,
        )
    )
    return Section("by-class", title, blocks=blocks)


def _one_row_a_class(table: pl.DataFrame) -> pl.DataFrame:
    facts = table.filter(pl.col("stage").is_in(ON_TARGET)).select(
        "stage",
        "species_code",
        "scientific_name",
        readable_name(),
        "n_recordings",
        "n_validation",
        pl.col(AP).fill_nan(None),
        # Runs that were evaluated earlier have no intervals of classes.
        *(pl.col(end) if end in table.columns else pl.lit(None).alias(end) for end in ENDS),
    )
    stages = [stage for stage in ON_TARGET if stage in set(facts["stage"])]
    wide = facts.filter(pl.col("stage") == stages[0]).drop("stage", AP, *ENDS)
    for stage in stages:
        value = pl.col(AP)
        values = facts.filter(pl.col("stage") == stage).select(
            "species_code",
            value.alias(stage),
            pl.struct(value=value, low=ENDS[0], high=ENDS[1]).alias(f"{stage}_cell"),
        )
        wide = wide.join(values, on="species_code", how="left")
    order = [stages[0], "n_recordings", "name"]
    return wide.sort(order, descending=[True, True, False], nulls_last=True)
