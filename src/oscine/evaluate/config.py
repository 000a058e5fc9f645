"""What a recipe may say about evaluation."""

from __future__ import annotations

from pydantic import Field

from oscine.config import Config
from oscine.evaluate.bootstrap import BootstrapConfig


class CalibrationConfig(Config):
    """How thresholds are chosen, and how scores become probabilities."""

    precision: float | None = Field(0.9, gt=0.0, le=1.0)
    """Share of a class's detections that is to be right; null: each class's best F1 instead."""
    min_positives: int = Field(10, ge=2)
    """Positives of a class from which on it has a threshold, and a calibration (Platt) of its own;
    with fewer its calibration is drawn towards that of all classes together."""
    isotonic_positives: int = Field(100, ge=2)
    """Positives, and negatives, of a class from which on its calibration is isotonic."""

    @property
    def rule(self) -> str:
        """What the thresholds promise."""
        return "best F1" if self.precision is None else f"precision {self.precision:g}"


class EvaluateConfig(Config):
    """How validation recordings are scored, and what is said about the scores."""

    tta: int = Field(1, ge=1)
    """Windows for each recording, spread evenly from its start to its end, scores averaged."""
    batch_multiplier: int = Field(2, ge=1)
    """Batch size of evaluation over that of training."""
    bootstrap: BootstrapConfig = BootstrapConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    worst_clips: int = Field(6, ge=0, le=12)
    """Clips that the report shows of those that were recognised worst, to see and hear, with what
    the model looked at."""
    best_clips: int = Field(4, ge=0, le=12)
    """The same of those that were recognised best, each of another class."""
    keep_columns: tuple[str, ...] = ("filename",)
    """Columns of the recordings table that the out-of-fold table carries along."""
