"""Sections on a scan held against annotations: result, gap, classes, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from oscine.report.blocks import Block, Cell, Plot, Section, Table, counted, number, signed
from oscine.report.figures.soundscapes import draw_class_curves, draw_class_precision
from oscine.report.run import readable_name
from oscine.report.sections.names import METRIC_MEANINGS, METRIC_NAMES
from oscine.report.sections.scores import metrics_in, value_cell

CURVES_SHOWN = 9
CLASSES_SHOWN = 60
FOCAL_NAMES = {"average_precision": "cmAP", "roc_auc": "Macro ROC-AUC"}


def result(told: Mapping[str, Any]) -> Section:
    """Show the metrics with their intervals, and what counted as the truth."""
    names = metrics_in({"scan": told["metrics"]}, told["n_classes"])
    rows: list[list[str | Cell]] = [
        [METRIC_NAMES[name], value_cell(told["metrics"][name])] for name in names
    ]
    meanings = [[METRIC_NAMES[name], METRIC_MEANINGS[name]] for name in names]
    blocks: list[Block] = [
        Table(
            f"Metrics, with {_level(told)} intervals from drawing recordings", ["metric", ""], rows
        ),
        Table("What the metrics mean", ["metric", "meaning"], meanings, 2, folded=True),
    ]
    return Section("result", "Result", [truth_sentence(told)], blocks)


def _level(told: Mapping[str, Any]) -> str:
    return f"{told['settings']['bootstrap']['level'] * 100:g} %"


def truth_sentence(told: Mapping[str, Any]) -> str:
    """Say what counted as the truth."""
    settings = told["settings"]
    needed = settings["min_overlap_s"]
    overlap = f"at least {needed:g} s of it, or the whole" if needed else "any part of it"
    listened = "whole recordings count as listened to"
    if settings["spans"] == "rows":
        listened = "only windows that some row is about count as listened to"
    others = "left out"
    if settings["unannotated"] == "negative":
        others = "taken to hold none of the classes"
    return (
        f"{counted(told['n_windows'], 'window')} of "
        f"{counted(told['n_recordings'], 'recording')}, "
        f"{counted(told['n_positive'], 'positive')}. A window is positive for a class if "
        f"it shares {overlap} with an annotation of it; {listened}; "
        f"recordings without annotations are {others}."
    )


def gap(told: Mapping[str, Any]) -> Section:
    """Show how far soundscapes lie below the validation clips of the bundle's run."""
    title = "From focal clips to soundscapes"
    found = told["gap"]
    if not found:
        return Section("gap", title, absent="No bundle was given, so its own metrics are unknown.")
    rows = [
        [FOCAL_NAMES[name], number(one["focal"]), number(one["soundscape"]), signed(one["gap"])]
        for name, one in found["same_classes"].items()
    ]
    columns = ["metric", "validation clips", "soundscapes", "difference"]
    blocks = [Table("The same classes in both", columns, rows)] if rows else []
    return Section("gap", title, gap_sentences(told), blocks)


def gap_sentences(told: Mapping[str, Any]) -> list[str]:
    """Say what the gap is, and what it is not."""
    found = told["gap"]["same_classes"]
    if not found:
        why = "does not say how each class fared on its validation clips"
        if told["gap"]["focal_classes"]:
            why = "and these recordings have no class that both score"
        return [f"The bundle {why}, so there is no gap to state."]
    auc = found.get("roc_auc")
    text = []
    if auc:
        text.append(
            f"On the {counted(auc['n_classes'], 'class', 'classes')} that both score, macro "
            f"ROC-AUC is {number(auc['focal'])} on the run's out-of-fold clips and "
            f"{number(auc['soundscape'])} here: {signed(auc['gap'])}."
        )
    text.append(
        "Average precision also follows how common a class is among the rows, which differs "
        "between clips and soundscapes; ROC-AUC does not."
    )
    return text


def curves(classes: pl.DataFrame, table: pl.DataFrame, told: Mapping[str, Any]) -> Section:
    """Draw the curves of the classes with the most positives."""
    title = "Precision and recall of each class"
    scored = classes.filter(pl.col("n_positive") > 0).with_columns(readable_name())
    if scored.is_empty():
        return Section("curves", title, absent="No class was heard in these recordings.")
    shown = scored.sort("n_positive", "species_code", descending=[True, False]).head(CURVES_SHOWN)
    rows = shown.with_columns(
        share=pl.col("n_positive") / told["n_windows"],
        name=pl.format("{} ({})", pl.col("name").str.slice(0, 16), "n_positive"),
    )
    joined = rows.select("species_code", "name", "share").join(
        table, on="species_code", maintain_order="left_right"
    )
    more = (
        "" if len(shown) == len(scored) else f"; those of all {len(scored)} are in curves.parquet"
    )
    caption = (
        f"Precision against recall of {counted(len(shown), 'class', 'classes')}, those with the "
        f"most windows, whose number is in brackets{more}. The band holds "
        f"{_level(told)} of the draws of recordings; the dashed line "
        "is what guessing gives."
    )
    return Section(
        "curves", title, blocks=[Plot("class-curves", caption, partial(draw_class_curves, joined))]
    )


def by_class(classes: pl.DataFrame) -> Section:
    """List every class with its metrics, and draw the average precision of those scored."""
    title = "Every class"
    ranked = classes.with_columns(readable_name()).sort(
        "average_precision", "name", descending=[True, False], nulls_last=True
    )
    scored = ranked.filter(pl.col("average_precision").is_not_null())
    shown = scored.head(CLASSES_SHOWN)
    blocks: list[Block] = []
    if len(shown):
        more = f" The best {len(shown)} of {len(scored)}." if len(shown) < len(scored) else ""
        blocks.append(
            Plot(
                "class-precision",
                "Average precision with its interval; n is the number of windows that have the "
                f"class.{more}",
                partial(draw_class_precision, shown),
            )
        )
    rows = [_class_row(row) for row in ranked.iter_rows(named=True)]
    columns = ["class", "windows", "recordings", "AP", "ROC-AUC", "AP, clips", "threshold"]
    at = ["detections", "precision", "recall"]
    blocks.append(
        Table("Every class; the last columns are at its threshold", [*columns, *at], rows, 1, True)
    )
    return Section("by-class", title, blocks=blocks)


def _class_row(row: Mapping[str, Any]) -> list[str | Cell]:
    return [
        Cell(row["name"], row["species_code"]),
        number(row["n_positive"]),
        number(row["n_recordings"]),
        *(
            value_cell({"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]})
            for name in ("average_precision", "roc_auc")
        ),
        number(row["focal_average_precision"]),
        number(row["threshold"]),
        number(row["n_detections"]),
        number(row["precision"]),
        number(row["recall"]),
    ]


def left_out(told: Mapping[str, Any]) -> Section:
    """Name what took no part: classes, labels, recordings."""
    tables = [
        Table("Classes that could not be scored", ["class", "why"], _pairs(told["not_scored"]), 2),
        Table(
            "Labels that the model has no class for",
            ["label", "annotations"],
            [[label, number(n)] for label, n in told["unknown_labels"].items()],
        ),
        Table("Scanned recordings without annotations", ["recording"], _ones(told["unannotated"])),
        Table("Annotated recordings that were not scanned", ["name"], _ones(told["not_scanned"])),
    ]
    blocks = [table for table in tables if table.rows]
    text = [left_out_sentence(told)]
    return Section("left-out", "What took no part", text, blocks)


def left_out_sentence(told: Mapping[str, Any]) -> str:
    """Count what took no part."""
    labels = counted(len(told["unknown_labels"]), "label")
    return (
        f"{counted(len(told['not_scored']), 'class', 'classes')} could not be scored; {labels} of "
        f"{counted(sum(told['unknown_labels'].values()), 'annotation')} without a class; "
        f"{counted(len(told['unannotated']), 'scanned recording')} without annotations; "
        f"{counted(len(told['not_scanned']), 'annotated recording')} not scanned; "
        f"{counted(told['n_windows_left_out'], 'scanned window')} left out."
    )


def _pairs(found: Mapping[str, str]) -> list[list[str]]:
    return [[name, why] for name, why in found.items()]


def _ones(found: list[str]) -> list[list[str]]:
    return [[name] for name in found]
