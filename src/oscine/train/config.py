"""What a recipe may say about a training stage and its tracking, with the reference's defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from oscine.augment import AugmentConfig
from oscine.config import Config
from oscine.model.config import LossConfig

Monitor = Literal["pr_auc", "accuracy", "top_5_accuracy", "macro_roc_auc", "cmap", "padded_cmap"]
"""Metrics by which the best epoch can be chosen."""


class OptimizerConfig(Config):
    """Optimiser and learning rate."""

    name: Literal["adam", "adamw"] = "adam"
    """Which optimiser."""
    learning_rate: float = Field(1e-3, gt=0.0)
    """Peak learning rate, for the global batch (all devices, times accumulate)."""
    batch_rule: Literal["none", "linear", "sqrt"] = "none"
    """How learning_rate follows the global batch: not at all; or it is that of reference_batch, and
    grows with the batch, or with its square root."""
    reference_batch: int = Field(32, ge=1)
    """Clips of the global batch that learning_rate is for, if batch_rule is not none."""
    layer_decay: float = Field(1.0, gt=0.0, le=1.0)
    """Learning rate of each layer of the backbone over that of the next, the head's being whole."""
    head_factor: float = Field(1.0, gt=0.0)
    """Learning rate of what comes after the backbone, over learning_rate."""
    head_warmup_epochs: float = Field(0.0, ge=0.0)
    """Epochs at the start in which the backbone stays as it is, its batch statistics too."""
    weight_decay: float = Field(0.0, ge=0.0)
    """Weight decay."""
    decay_all: bool = True
    """Whether biases and the scales of norms are decayed too."""
    schedule: Literal["cosine", "step", "exponential", "constant"] = "cosine"
    """How the learning rate goes on after the warm-up."""
    warmup_epochs: float = Field(5.0, ge=0.0)
    """Epochs of linear warm-up (at most a quarter of all steps is used)."""
    warmup_steps: int | None = Field(None, ge=0)
    """The same in optimiser steps; null: warmup_epochs counts."""
    final_fraction: float = Field(0.01, ge=0.0, le=1.0)
    """Learning rate at the end over its peak, for cosine and exponential."""
    step_epochs: float = Field(5.0, gt=0.0)
    """Epochs between drops, for step."""
    drop_steps: int | None = Field(None, ge=1)
    """The same in optimiser steps; null: step_epochs counts."""
    step_factor: float = Field(0.5, gt=0.0, le=1.0)
    """Factor of each drop, for step."""
    gradient_clip: float | None = Field(None, gt=0.0)
    """Greatest norm of the gradient; null: no limit."""
    accumulate: int = Field(1, ge=1)
    """Batches whose gradients are added up before a step."""


class SamplingConfig(Config):
    """How the long tail of the training part is treated, and what an epoch hears of it."""

    upsample: int | None = Field(50, ge=1)
    """Classes with fewer recordings get drawn copies up to this count; null: none."""
    downsample: int | None = Field(None, ge=1)
    """Classes with more recordings keep this many, drawn; null: all."""
    weight_power: float | None = Field(None, ge=0.0, le=1.0)
    """Draw each epoch with weights n^-power of the class instead of shuffling; null: shuffle."""
    max_per_recording: int | None = Field(None, ge=1)
    """Clips of one recording (all clips of a file) that an epoch hears of a class, at most; null:
    no limit."""
    max_per_recordist: int | None = Field(None, ge=1)
    """Clips by one recordist that an epoch hears of a class, at most; null: no limit."""


class FitConfig(Config):
    """One training stage."""

    epochs: int = Field(25, ge=1)
    """Passes over the training part."""
    batch_size: int = Field(32, ge=1)
    """Clips in a batch, on each device."""
    drop_remainder: bool = True
    """Leave out the last, smaller batch of a training epoch (never of evaluation)."""
    monitor: Monitor = "pr_auc"
    """Metric by which the best epoch is chosen."""
    patience: int | None = Field(None, ge=1)
    """Stop after this many epochs without a better one; null: never."""
    ema_decay: float | None = Field(None, gt=0.0, lt=1.0)
    """Evaluate and keep an exponential moving average of the weights; null: the weights."""
    precision: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """Arithmetic of the model; auto: float32 on a CPU, mixed where the hardware gains from it."""
    checkpoint_every_s: float = Field(20.0, ge=0.0)
    """Seconds between checkpoints within an epoch; 0: after every step."""
    optimizer: OptimizerConfig = OptimizerConfig()
    loss: LossConfig = LossConfig()
    sampling: SamplingConfig = SamplingConfig()
    augment: AugmentConfig = AugmentConfig()

    @model_validator(mode="after")
    def _whole_groups(self) -> FitConfig:
        group = self.augment.mix_group
        if self.augment.mixes and self.batch_size % group:
            divisors = [n for n in range(2, self.batch_size + 1) if self.batch_size % n == 0]
            raise ValueError(
                f"batch_size {self.batch_size} holds no whole groups of the {group} clips that are "
                f"mixed among themselves: set augment.mix_group to one of {divisors}, or a "
                "batch_size that it divides"
            )
        return self

    def result_settings(self, n_devices: int = 1) -> dict[str, Any]:
        """Give the settings that the result depends on, as plain data.

        Args:
            n_devices: How many the fit has. Two with a batch of 16 do what one does with 32.
        """
        settings = self.model_dump(mode="json", exclude={"checkpoint_every_s"})
        return settings | {"batch_size": self.batch_size * n_devices}


class DeviceConfig(Config):
    """What fits run on."""

    kind: Literal["auto", "cpu", "cuda", "mps", "tpu"] = "auto"
    """Which kind of device; auto: a TPU, else CUDA, else Apple's MPS, else the CPU."""
    count: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    """How many of them on each machine, with a process for each; auto: all CUDA devices, one of any
    other kind. CPUs share the cores: more than one is of use on machines with many."""

    @model_validator(mode="after")
    def _countable(self) -> DeviceConfig:
        if self.kind in {"mps", "tpu"} and self.count not in {"auto", 1}:
            raise ValueError(f"a fit runs on one {self.kind} device, not on {self.count}")
        return self

    @property
    def n_known(self) -> int:
        """How many there are as far as the recipe tells; 1 where the machine decides."""
        return 1 if self.count == "auto" else self.count


class TrackingConfig(Config):
    """Where metrics go besides the run folder's own history."""

    tensorboard: bool = True
    """Write TensorBoard event files."""
    wandb: bool = False
    """Log to Weights & Biases; offline where no key is found."""
    wandb_project: str = "oscine"
    """Project that the runs belong to."""
    wandb_clips: int = Field(16, ge=0)
    """Worst clips of a kind of fit that are uploaded, with spectrogram and sound; 0: none."""
