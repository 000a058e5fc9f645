"""Maps from a class's score to the probability that the class is there, as stored numbers.

They are fitted in `oscine.evaluate`; here they are only applied, with NumPy alone. None of them
turns an order round: a higher score never becomes a lower probability.

Source: Platt (1999), "Probabilistic outputs for support vector machines"; Zadrozny & Elkan (2002),
"Transforming classifier scores into accurate multiclass probability estimates" (isotonic).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AwareDatetime, Field, model_validator

from oscine.config import Config, Probability

SCORE_MARGIN = 1e-6
"""Scores nearer to 0 or 1 than this count as this near: the logit of 0 is not finite."""


def logit(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Turn scores in [0, 1] into finite logits.

    Example:
        >>> logit(np.array([0.5])).tolist()
        [0.0]
    """
    inner = np.clip(np.asarray(scores, dtype=np.float64), SCORE_MARGIN, 1.0 - SCORE_MARGIN)
    return np.asarray(np.log(inner) - np.log1p(-inner))


class _ScoreMap(Config):
    n_positive: int = Field(ge=0)
    """Rows of the class that it was fitted on."""
    n_negative: int = Field(ge=0)
    """Rows of other classes that it was fitted on."""

    @property
    def n_rows(self) -> int:
        """All rows that it was fitted on."""
        return self.n_positive + self.n_negative


class Platt(_ScoreMap):
    """A line in logits: the probability is sigmoid(slope * logit(score) + intercept)."""

    method: Literal["platt"] = "platt"
    """Which map this is."""
    slope: float = Field(ge=0.0, allow_inf_nan=False)
    """1 and an intercept of 0 leave scores as they are; 0: they tell nothing."""
    intercept: float = Field(allow_inf_nan=False)
    """What is added to the scaled logit."""

    def apply(self, scores: NDArray[Any]) -> NDArray[np.float64]:
        """Map scores to probabilities, of any shape."""
        scaled: NDArray[np.float64] = self.slope * logit(scores) + self.intercept
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)))


class Isotonic(_ScoreMap):
    """Straight lines between knots, level beyond the outermost: the best rising fit."""

    method: Literal["isotonic"] = "isotonic"
    """Which map this is."""
    scores: tuple[Probability, ...] = Field(min_length=1)
    """Scores at the knots, rising."""
    probabilities: tuple[Probability, ...] = Field(min_length=1)
    """Probabilities at the knots, never falling."""

    @model_validator(mode="after")
    def _check(self) -> Isotonic:
        if len(self.scores) != len(self.probabilities):
            raise ValueError("as many scores as probabilities are needed")
        if (np.diff(self.scores) <= 0).any() or (np.diff(self.probabilities) < 0).any():
            raise ValueError("scores must rise, and probabilities must not fall")
        return self

    def apply(self, scores: NDArray[Any]) -> NDArray[np.float64]:
        """Map scores to probabilities, of any shape."""
        return np.asarray(np.interp(scores, self.scores, self.probabilities))


ScoreMap = Annotated[Platt | Isotonic, Field(discriminator="method")]
"""What turns one class's scores into probabilities."""


class CalibrationSource(Config):
    """What thresholds and calibration were learned from."""

    kind: Literal["out_of_fold", "soundscapes"]
    """Validation clips of the run, or soundscapes that people annotated."""
    where: str
    """Name of the run, or of the annotations."""
    made: AwareDatetime
    """When, ISO 8601."""
    rule: str
    """What the thresholds promise, such as `precision 0.9` or `best F1`."""
    n_rows: int = Field(ge=0)
    """Clips or windows."""
    n_groups: int = Field(ge=0)
    """What is independent among them: groups of the folds, or recordings."""

    def tell(self) -> str:
        """Say it in a sentence's end."""
        day = self.made.date().isoformat()
        if self.kind == "out_of_fold":
            return f"{self.rule} on {self.n_rows:,} validation clips of {self.where}, {day}"
        return (
            f"{self.rule} on {self.n_rows:,} windows of {self.n_groups:,} annotated recordings "
            f"({self.where}), {day}"
        )
