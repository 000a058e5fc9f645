"""What a model card says of each class: training, scores, threshold, and which ones are weak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from oscine.model.bundle import BundleInfo

WEAK = 0.5
"""A class with a lower average precision is named among the weak ones."""
MOST_WEAK = 20
"""Weak classes that are named; the table has all."""


def number(value: float | None) -> str:
    """Write a number, or that there is none."""
    return "undefined" if value is None else f"{value:z.3f}"


def interval(found: Mapping[str, float | None] | None) -> str:
    """Write the ends of an interval; nothing where it has none."""
    if found is None or found["low"] is None:
        return ""
    return f"{number(found['low'])} to {number(found['high'])}"


def class_rows(
    info: BundleInfo, training: pl.DataFrame, per_class: pl.DataFrame
) -> list[dict[str, Any]]:
    """Give a row for each class, in the order of the scores.

    Args:
        info: What the bundle says of itself.
        training: Recordings of the target that the model learned from.
        per_class: Metrics of each class, as `evaluate/per_class.parquet` has them.

    Returns:
        code, scientific_name, common_name, name (for readers), training, validation, value,
        precision and interval.
    """
    scored = {row["species_code"]: row for row in per_class.iter_rows(named=True)}
    counts = dict(training["primary_label"].value_counts().iter_rows())
    rows = []
    for one in info.species:
        found = scored.get(one.species_code, {})
        ends = {end: found.get(f"average_precision_{end}") for end in ("low", "high")}
        rows.append(
            {
                "code": one.species_code,
                "scientific_name": one.scientific_name,
                "common_name": one.common_name,
                "name": one.common_name or one.species_code,
                "training": counts.get(one.species_code, 0),
                "validation": found.get("n_validation", 0),
                "value": found.get("average_precision"),
                "precision": number(found.get("average_precision")),
                "interval": interval(ends),
            }
        )
    return rows


def weak_classes(rows: Iterable[Mapping[str, Any]], confusions: pl.DataFrame) -> list[str]:
    """Name the classes that are recognised worst, and what each is most often taken for.

    Args:
        rows: As `class_rows` gives them.
        confusions: As `evaluate/confusions.parquet` has them, of the model's own fit.

    Returns:
        A text for each, the worst first.
    """
    names = {row["code"]: row["name"] for row in rows}
    weak = [row for row in rows if row["value"] is not None and row["value"] < WEAK]
    weak.sort(key=lambda row: (row["value"], row["code"]))
    return [_weak(row, names, confusions) for row in weak[:MOST_WEAK]]


def _weak(row: Mapping[str, Any], names: Mapping[str, str], confusions: pl.DataFrame) -> str:
    between = f" ({row['interval']})" if row["interval"] else ""
    clips = "1 clip" if row["validation"] == 1 else f"{row['validation']} clips"
    text = f"{names[row['code']]}: {row['precision']}{between}, {clips}"
    if confusions.is_empty():
        return text
    often = (pl.col("species_code") == row["code"]) & (pl.col("n") > 1)
    taken = confusions.filter(often).sort("n", descending=True)
    if taken.is_empty():
        return text
    other, n = taken.row(0, named=True)["predicted"], taken["n"][0]
    return f"{text}; most often taken for {names.get(other, other)} ({n})"


def promises(decided: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Say what thresholds and calibration were learned from, and what they give elsewhere.

    Args:
        decided: As `evaluate/calibration.json` has it; None: nothing was decided.

    Returns:
        What the template asks for; None where nothing was decided.
    """
    if decided is None:
        return None
    crossed, reliability = decided["crossed"] or {}, decided["reliability"]
    after = reliability["after"]
    methods = [one["method"] for one in decided["calibration"].values()]
    return {
        "source": decided["calibration_source"],
        "settings": decided["settings"],
        "n_parts": decided["n_parts"],
        "n_classes": len(decided["classes"]),
        "tried": decided["crossed"] is not None,
        "detections": crossed.get("detections", 0),
        "precision": number(crossed.get("precision")),
        "recall": number(crossed.get("recall")),
        "methods": {name: methods.count(name) for name in ("isotonic", "platt")},
        "error_before": number(reliability["before"]["error"]),
        "error_after": None if after is None else number(after["error"]),
        "classes": [
            {name: number(row[name]) for name in ("threshold", "precision", "recall")}
            | {"code": row["species_code"], "positives": row["n_positive"]}
            | {"elsewhere": _elsewhere(row)}
            for row in decided["classes"]
            if row["threshold"] is not None
        ],
    }


def _elsewhere(row: Mapping[str, Any]) -> str:
    if row["crossed_recall"] is None:
        return "not tried"
    return f"{number(row['crossed_precision'])}, {number(row['crossed_recall'])}"
