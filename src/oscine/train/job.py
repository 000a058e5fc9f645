"""Everything that one fit depends on, in one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from oscine.audio import WindowReader
from oscine.catalog import ClassList
from oscine.core import fingerprint, hash_file
from oscine.evaluate import EvaluateConfig
from oscine.features import MelSpec
from oscine.model.config import ModelConfig
from oscine.train.config import DeviceConfig, FitConfig, TrackingConfig


@dataclass(frozen=True)
class FitJob:
    """Everything that one fit depends on.

    Args:
        stage: pretrain, finetune, baseline or naive.
        fold: Number of the validation fold.
        seed: The recipe's seed.
        training: The training part, resampled already.
        validation: The validation part; may be empty.
        training_reader: Reads the training part's windows, by row.
        validation_reader: Reads the validation part's windows, by row.
        classes: The class list.
        spec: The front end's parameters.
        model: The model's settings.
        config: The stage's settings.
        evaluation: How validation recordings are scored.
        tracking: Where metrics go.
        folder: The fit's folder.
        initial: An earlier fit's folder to start from; None: the backbone's own weights.
        initial_codes: That fit's class list.
        workers: Reading threads of all processes of a machine; 0: one a core.
        devices: Which devices, and how many.
        group: What the tracker calls the run.
        recipe: The resolved recipe, for the tracker.
        catalog: Fingerprint of the audited catalogs, for the tracker.
    """

    stage: str
    fold: int
    seed: int
    training: pl.DataFrame
    validation: pl.DataFrame
    training_reader: WindowReader
    validation_reader: WindowReader
    classes: ClassList
    spec: MelSpec
    model: ModelConfig
    config: FitConfig
    evaluation: EvaluateConfig
    tracking: TrackingConfig
    folder: Path
    initial: Path | None = None
    initial_codes: tuple[str, ...] = ()
    workers: int = 0
    devices: DeviceConfig = field(default_factory=DeviceConfig)
    group: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    catalog: str = ""

    @property
    def what(self) -> str:
        """What the log calls this fit."""
        return f"{self.stage} fold {self.fold}"

    def fingerprint(self, n_devices: int = 1) -> str:
        """Hash what the fit's steps depend on; of the devices, that is the global batch."""
        return fingerprint(
            self.stage,
            self.fold,
            self.seed,
            self.training["recording_id"].to_list(),
            self.classes.codes,
            self.spec.to_plain(),
            self.model.to_plain(),
            self.config.result_settings(n_devices),
            self.initial and hash_file(self.initial / "weights.safetensors"),
        )
