"""What a recipe may say about evaluation."""

from __future__ import annotations

from pydantic import Field

from oscine.config import Config
from oscine.evaluate.bootstrap import BootstrapConfig


class EvaluateConfig(Config):
    """How validation recordings are scored, and what is said about the scores."""

    tta: int = Field(1, ge=1)
    """Windows for each recording, spread evenly from its start to its end, scores averaged."""
    batch_multiplier: int = Field(2, ge=1)
    """Batch size of evaluation over that of training."""
    bootstrap: BootstrapConfig = BootstrapConfig()
    keep_columns: tuple[str, ...] = ("filename",)
    """Columns of the recordings table that the out-of-fold table carries along."""
