"""How many rows each class has after each step, from the catalogs as read to an epoch's clips."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog import TrainingPart, resampled_counts
from oscine.report.run import Run
from oscine.train.config import SamplingConfig
from oscine.train.sampling import EpochSampler, resample

FITTED_BY: dict[str, str] = {"pretrain": "pretrain", "target": "finetune"}
"""The settings of which fit resample each part."""


class ClassStep(NamedTuple):
    """Rows of each class after a step.

    Args:
        kind: Which step: read, merge, audit, training, upsample, downsample or draw.
        title: What was done.
        counts: Rows of each class that has any, the commonest class first.
    """

    kind: str
    title: str
    counts: NDArray[np.int64]


def class_steps(run: Run, part: str) -> list[ClassStep]:
    """Follow a part's classes through the steps whose artifacts are there.

    What training draws is told by arithmetic: each class's count in the training rows of the first
    selected fold, and the thresholds of the recipe. Caps need the draws themselves.

    Args:
        run: The run.
        part: pretrain or target.

    Returns:
        The steps in order; none where the catalogs were not read.
    """
    merged = run.table(f"catalog/{part}.parquet")
    audited = run.table(f"audit/{part}.parquet")
    steps = []
    if merged is not None and merged.height:
        steps.append(ClassStep("read", "as read", _count(_as_read(run, part, merged))))
        steps.append(ClassStep("merge", "after the merge", _count(merged["primary_label"])))
    if audited is not None and audited.height:
        steps.append(ClassStep("audit", "after the audit", _count(audited["primary_label"])))
        steps += _training(run, part, audited)
    return steps


def _as_read(run: Run, part: str, merged: pl.DataFrame) -> pl.Series:
    """Give the label of every row that was read: what the merge kept and what it took out."""
    departures = run.table("catalog/departures.parquet")
    if departures is None:
        return merged["primary_label"]
    names = [row["name"] for row in run.recipe.get("catalogs", []) if row["role"] == part]
    gone = departures.filter(pl.col("catalog").is_in(names))["primary_label"]
    return pl.concat([merged["primary_label"], gone])


def _training(run: Run, part: str, audited: pl.DataFrame) -> list[ClassStep]:
    folds = run.table(f"folds/{part}.parquet")
    if folds is None:
        return []
    fold = ((run.recipe.get(f"{part}_folds") or {}).get("selected") or [0])[0]
    rows = audited.join(folds.filter(pl.col("fold") != fold), on="recording_id", how="semi")
    counts = _count(rows["primary_label"])
    steps = [ClassStep("training", f"training rows of fold {fold}", counts)]
    fit: dict[str, Any] = run.recipe.get(FITTED_BY[part]) or {}
    sampling = fit.get("sampling") or {}
    up, down = sampling.get("upsample"), sampling.get("downsample")
    if up is not None:
        counts = resampled_counts(counts, up, None)
        steps.append(ClassStep("upsample", f"upsampled to {up}", counts))
    if down is not None:
        counts = resampled_counts(counts, None, down)
        steps.append(ClassStep("downsample", f"downsampled to {down}", counts))
    if sampling.get("max_per_recording") or sampling.get("max_per_recordist"):
        drawn = _within_caps(rows, SamplingConfig(**sampling), run.recipe["seed"])
        steps.append(ClassStep("draw", "drawn within caps, first epoch", drawn))
    elif (power := sampling.get("weight_power")) is not None:
        steps.append(ClassStep("draw", f"drawn by n^-{power:g}, an epoch", _drawn(counts, power)))
    return steps


def _within_caps(rows: pl.DataFrame, config: SamplingConfig, seed: int) -> NDArray[np.int64]:
    """Draw the first epoch as the fit does: what caps leave follows from no count of classes."""
    part = resample(TrainingPart(rows), config, seed).table
    order = EpochSampler(part, config, seed).order(0)
    return _count(part["primary_label"][order.tolist()])


def _drawn(counts: NDArray[np.int64], power: float) -> NDArray[np.int64]:
    """Expect what an epoch draws of each class when rows weigh n^-power of their class."""
    weights = counts.astype(np.float64) ** (1 - power)
    share = weights / max(float(weights.sum()), 1e-12)
    return np.asarray(np.round(counts.sum() * share), dtype=np.int64)


def _count(labels: pl.Series) -> NDArray[np.int64]:
    counts = labels.value_counts()["count"].cast(pl.Int64).sort(descending=True)
    return counts.to_numpy()
