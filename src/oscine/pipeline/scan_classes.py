"""The tables of a scan held against annotations: classes, curves, and the gap to focal clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from oscine.catalog import Species
from oscine.evaluate import AnnotatedWindows, ClassScores
from oscine.evaluate.by_class import RECALLS
from oscine.infer.decisions import decisions
from oscine.model.bundle import BundleInfo

FOCAL = ("average_precision", "roc_auc")
"""Metrics of a class that a bundle tells of its validation clips."""

CLASSES: Mapping[str, type[pl.DataType]] = {
    "species_code": pl.String,
    "scientific_name": pl.String,
    "common_name": pl.String,
    "n_positive": pl.Int64,
    "n_recordings": pl.Int64,
    **{
        f"{prefix}{name}{suffix}": pl.Float64
        for name in FOCAL
        for prefix, suffix in (("", ""), ("", "_low"), ("", "_high"), ("focal_", ""))
    },
    "threshold": pl.Float64,
    "n_detections": pl.Int64,
    "precision": pl.Float64,
    "recall": pl.Float64,
    "reason": pl.String,
}
"""Columns of the table of classes."""


def class_table(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Make the table of classes from `class_rows`."""
    return pl.DataFrame(rows, schema=dict(CLASSES))


def class_rows(
    found: AnnotatedWindows,
    species: Sequence[Species],
    by_class: Sequence[ClassScores],
    info: BundleInfo | None,
) -> list[dict[str, Any]]:
    """Say of each class how it is scored here, at its threshold, and on the run's own clips.

    Args:
        found: The windows whose truth is known.
        species: The classes, in the order of the columns.
        by_class: Their scores.
        info: What the bundle says of itself; None: there is no bundle.

    Returns:
        One row a class, with the columns of `CLASSES`.
    """
    n_windows, groups = len(found.windows), np.array(found.groups)
    focal = {} if info is None else info.training.get("classes", {})
    at = _at_thresholds(found, info)
    rows = []
    for place, (one, scores) in enumerate(zip(species, by_class, strict=True)):
        heard_in = len(set(groups[found.targets[:, place] > 0]))
        row: dict[str, Any] = {
            "species_code": one.species_code,
            "scientific_name": one.scientific_name,
            "common_name": one.common_name,
            "n_positive": scores.n_positive,
            "n_recordings": heard_in,
        }
        for name in FOCAL:
            interval = getattr(scores, name)
            row |= {
                name: interval and interval.value,
                f"{name}_low": interval and interval.low,
                f"{name}_high": interval and interval.high,
                f"focal_{name}": focal.get(one.species_code, {}).get(name),
            }
        rows.append(row | at[place] | {"reason": _reason(scores.n_positive, n_windows)})
    return rows


def _at_thresholds(found: AnnotatedWindows, info: BundleInfo | None) -> list[dict[str, Any]]:
    """Say what the bundle's thresholds give here; nothing for classes without one."""
    empty: dict[str, Any] = {
        "threshold": None,
        "n_detections": None,
        "precision": None,
        "recall": None,
    }
    if info is None:
        return [empty] * len(found.codes)
    thresholds = decisions([info], found.codes).thresholds
    rows = []
    for place, threshold in enumerate(thresholds.tolist()):
        if np.isnan(threshold):
            rows.append(empty)
            continue
        passed, heard = found.scores[:, place] >= threshold, found.targets[:, place] > 0
        right, n, n_heard = int((passed & heard).sum()), int(passed.sum()), int(heard.sum())
        rows.append(
            {
                "threshold": threshold,
                "n_detections": n,
                "precision": right / n if n else None,
                "recall": right / n_heard if n_heard else None,
            }
        )
    return rows


def _reason(n_positive: int, n_windows: int) -> str | None:
    if n_positive == 0:
        return "nobody heard it in these recordings"
    return "it was heard in every window" if n_positive == n_windows else None


def curve_table(codes: Sequence[str], by_class: Sequence[ClassScores]) -> pl.DataFrame:
    """Give each class's precision at each recall, with intervals; none without positives."""
    rows = [
        (code, float(recall), at.value, at.low, at.high)
        for code, one in zip(codes, by_class, strict=True)
        for recall, at in zip(RECALLS, one.precision, strict=False)
    ]
    schema = {
        "species_code": pl.String,
        "recall": pl.Float64,
        "precision": pl.Float64,
        "precision_low": pl.Float64,
        "precision_high": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def focal_gap(rows: Sequence[Mapping[str, Any]], info: BundleInfo) -> dict[str, Any]:
    """Compare with the validation clips of the bundle's run, on the classes that both score."""
    told: dict[str, Any] = {
        "focal_metrics": info.training.get("metrics", {}),
        "focal_classes": len(info.training.get("classes", {})),
        "same_classes": {},
    }
    for name in FOCAL:
        both = [
            (row[f"focal_{name}"], row[name])
            for row in rows
            if row[f"focal_{name}"] is not None and row[name] is not None
        ]
        if both:
            focal, here = (float(np.mean(values)) for values in zip(*both, strict=True))
            told["same_classes"][name] = {
                "n_classes": len(both),
                "focal": focal,
                "soundscape": here,
                "gap": here - focal,
            }
    return told
