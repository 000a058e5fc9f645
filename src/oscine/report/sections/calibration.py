"""The section on what the bundle's thresholds promise, and whether its scores are probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from oscine.report.blocks import DASH, Block, Cell, Plot, Section, Table, counted, number
from oscine.report.figures.reliability import draw_reliability
from oscine.report.run import Run

TITLE = "Thresholds and calibration of the bundle"


def calibration(run: Run) -> Section:
    """Show what the bundle's thresholds and calibration give on rows that did not make them."""
    found = run.json("evaluate/calibration.json")
    if not found:
        return Section("calibration", TITLE, absent="Nothing was decided about thresholds.")
    return Section(
        "calibration", TITLE, sentences(found, "clip"), blocks(found, run.names(), "calibration")
    )


def sentences(found: Mapping[str, Any], row: str) -> list[str]:
    """Say what was decided, on how much, and what it gives elsewhere.

    Args:
        found: As `evaluate/calibration.json`.
        row: What a row is: clip or window.
    """
    source, settings = found["calibration_source"], found["settings"]
    thresholds, n_classes = found["thresholds"], len(found["classes"])
    text = [
        f"From {counted(source['n_rows'], row)} in {counted(source['n_groups'], 'group')}: "
        f"thresholds of {source['rule']} for {len(thresholds)} of {n_classes} classes; the others "
        f"have fewer than {settings['min_positives']} positives, or no score keeps the promise: "
        "for them a scan uses its own threshold.",
        _crossed(found),
    ]
    methods = [one["method"] for one in found["calibration"].values()]
    own = sum(
        one["method"] == "platt" and one["n_positive"] >= settings["min_positives"]
        for one in found["calibration"].values()
    )
    text.append(
        f"Calibration: isotonic for {counted(methods.count('isotonic'), 'class', 'classes')} (from "
        f"{settings['isotonic_positives']} positives on), Platt for {own} (from "
        f"{settings['min_positives']} on), for the other {methods.count('platt') - own} drawn "
        f"towards what all classes have in common. {_error(found)}"
    )
    return text


def _crossed(found: Mapping[str, Any]) -> str:
    crossed = found["crossed"]
    if crossed is None:
        return "All rows are of one group, so nothing could be tried on rows of another."
    tried = (
        f"Tried on rows that had no part in choosing them ({found['n_parts']} parts by fold or "
        "group, each told by the others)"
    )
    if not crossed["detections"]:
        return f"{tried}, no threshold gives a detection."
    return (
        f"{tried}, {counted(crossed['detections'], 'detection')} have precision "
        f"{number(crossed['precision'])} and recall {number(crossed['recall'])}."
    )


def _error(found: Mapping[str, Any]) -> str:
    before, after = found["reliability"]["before"], found["reliability"]["after"]
    doubtful = number(before["error_of_doubtful"])
    if after is None:
        return f"Expected calibration error of the scores: {number(before['error'])}."
    return (
        f"Expected calibration error, crossed as above: {number(before['error'])} before, "
        f"{number(after['error'])} after; where scores are 0.1 or more, {doubtful} before, "
        f"{number(after['error_of_doubtful'])} after."
    )


def blocks(found: Mapping[str, Any], names: Mapping[str, str], key: str) -> list[Block]:
    """Draw the reliability, and list bins and classes.

    Args:
        found: As `evaluate/calibration.json`.
        names: Species code -> the name that readers see.
        key: Name of the figure, unique on the page.
    """
    bins = found["reliability"]
    rows = [
        [step, number(score), number(share), number(n)]
        for step, value in bins.items()
        if value is not None
        for score, share, n in zip(value["score"], value["share_right"], value["n"], strict=True)
    ]
    classes: list[list[str | Cell]] = [
        [
            Cell(names.get(row["species_code"], row["species_code"]), row["species_code"]),
            *class_cells(found, row),
        ]
        for row in found["classes"]
    ]
    columns = ["class", "positives", "calibration", "threshold", "precision", "recall"]
    crossed = ["precision elsewhere", "recall elsewhere"]
    return [
        Plot(
            key,
            "How often decisions of a score are right, all classes pooled, in ten bins, and how "
            "many there are in each; on the dashed line a score is a probability. The calibrated "
            "scores are of rows that had no part in their calibration.",
            partial(draw_reliability, bins),
        ),
        Table("The bins of the figure", ["", "score", "right", "n"], rows, folded=True),
        Table(
            "Thresholds: precision and recall on the rows that chose them, and elsewhere",
            [*columns, *crossed],
            classes,
            folded=True,
        ),
    ]


def class_cells(found: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Write a class's positives, calibration, threshold, and what that gives here and elsewhere."""
    return [
        number(row["n_positive"]),
        _method(found, row),
        *(number(row[name]) for name in ("threshold", "precision", "recall")),
        *(number(row[f"crossed_{name}"]) for name in ("precision", "recall")),
    ]


def _method(found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    stored = found["calibration"].get(row["species_code"])
    if stored is None:
        return DASH
    few = row["n_positive"] < found["settings"]["min_positives"]
    return "common" if few else str(stored["method"])
