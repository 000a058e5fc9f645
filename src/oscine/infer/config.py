"""Settings of scoring and of scanning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from oscine.config import Config, Probability
from oscine.infer.averaging import Average


def _centred(weights: tuple[float, ...]) -> tuple[float, ...]:
    if weights and (len(weights) % 2 == 0 or min(weights) < 0 or weights[len(weights) // 2] == 0):
        raise ValueError("give an odd number of weights, none negative, the middle one above 0")
    return weights


def _shifts(shifts_s: tuple[float, ...]) -> tuple[float, ...]:
    if 0.0 in shifts_s or len(set(shifts_s)) < len(shifts_s):
        raise ValueError("give different shifts, none of them 0: the window itself always counts")
    return shifts_s


class ScoringConfig(Config):
    """How a recording is heard, and what becomes of its scores."""

    hop_s: float | None = Field(default=None, gt=0.0)
    """From a window's start to the next, s; null: a window's length."""
    shifts_s: Annotated[tuple[float, ...], AfterValidator(_shifts)] = ()
    """Each window is heard again this much later (or earlier, if negative), s, such as [-2, 2], and
    the scores are averaged; a shifted window that leaves the recording does not count."""
    average: Average = "mean"
    """How the scores of several bundles become one: mean, geometric mean, min, or mean rank among
    the windows of the scan. Ranks order windows for ROC-AUC; they are no probabilities."""
    row_s: float | None = Field(default=None, gt=0.0)
    """Scores are of rows of this length, s: the mean of the windows over a row, each weighted by
    how long it lies over it; null: a row is a window."""
    smoothing: Annotated[tuple[float, ...], AfterValidator(_centred)] = ()
    """Weights of neighbouring rows' scores, such as [.1, .2, .4, .2, .1]; empty: none."""
    file_prior: Literal["none", "mean", "max"] = "none"
    """Multiply each score by the mean or the highest of its class in the recording."""
    threshold: Probability = 0.5
    """The least score that is a detection, for classes whose threshold no bundle states."""
    bundle_thresholds: bool = True
    """Whether thresholds that bundles state count for their classes. They are of scores as bundles
    give them, so they never count with ranks or `file_prior`."""
    calibrate: bool = False
    """Write probabilities instead of scores, for the classes that a bundle has calibration of.
    `threshold` is of what is written, a bundle's thresholds are of its scores."""
    merge_gap_s: float | None = Field(default=None, ge=0.0)
    """Detections of a species with at most this between them, s, become one event; null: none."""
    min_event_s: float = Field(default=0.0, ge=0.0)
    """The least length of an event, s; shorter ones are left out. Only with `merge_gap_s`."""

    @property
    def keeps_scale(self) -> bool:
        """Whether scores stay on the scale on which bundles give them."""
        return self.average != "rank" and self.file_prior == "none"

    @model_validator(mode="after")
    def _check_calibration(self) -> Self:
        if self.calibrate and not self.keeps_scale:
            raise ValueError("calibrate: ranks, and scores with file_prior, are not a bundle's")
        return self


class ScanConfig(ScoringConfig):
    """Settings of a scan."""

    threads: int = Field(default=0, ge=0)
    """How many windows are scored at once; 0: one for each core. No score depends on it."""
    formats: tuple[str, ...] = ()
    """Further outputs, by the names of `oscine.infer.writers`: csv, jsonl, raven, audacity,
    kaleidoscope, submission."""
    sample_submission: Path | None = None
    """The competition's `sample_submission.csv`: rows, columns and order of `submission`; null: a
    row for each five seconds, and a column for each species that the model knows."""
    deadline_s: float | None = Field(default=None, gt=0.0)
    """The scan is done within this time, s, start-up included, by leaving out shifts, then bundles,
    then overlap, as far as needed; null: it takes the time that it takes."""
