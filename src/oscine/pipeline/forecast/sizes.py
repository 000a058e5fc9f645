"""How much each fit of a run hears: rows, clips and steps an epoch, windows of validation."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from oscine.catalog import Part, make_folds, split
from oscine.pipeline.forecast.expectation import Expectation
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import heard_of, stage_config
from oscine.pipeline.stages.fits import make as make_fits
from oscine.train.sampling import EpochSampler, count_batches


@dataclass(frozen=True)
class FitSize:
    """How much one fit hears.

    Args:
        name: The stage, such as finetune/fold-0.
        n_training: Recordings of the training part.
        n_clips: Clips that an epoch draws from them.
        n_batches: Batches of an epoch.
        n_validation: Recordings of the validation part.
        n_windows: Windows in which these are scored.
        n_classes: Classes.
        epochs: Epochs, at most.
    """

    name: str
    n_training: int
    n_clips: int
    n_batches: int
    n_validation: int
    n_windows: int
    n_classes: int
    epochs: int

    @property
    def kind(self) -> str:
        """Which fit it is: pretrain, finetune, baseline or naive."""
        return self.name.partition("/")[0]


def fit_sizes(recipe: Recipe, expected: Expectation, n_devices: int) -> list[FitSize]:
    """Tell how much each fit of a recipe hears, in the order of the stages.

    Args:
        recipe: The recipe.
        expected: Its recordings and folds.
        n_devices: How many devices share a step.

    Raises:
        CatalogError: A selected fold has nothing to validate.
    """
    folds = dict(expected.folds)
    sizes = []
    for name in (stage.name for stage in make_fits(recipe)):
        kind, _, fold = name.partition("/fold-")
        part: Part = "pretrain" if kind == "pretrain" else "target"
        config, table = stage_config(recipe, kind), expected.parts[part]
        of_part = folds[part]
        if kind == "naive":
            ignoring = recipe.target_folds.model_copy(update={"naive": True})
            of_part = make_folds(table, ignoring, recipe.seed)
        sides = split(table, of_part, int(fold))
        heard = heard_of(recipe, config, table, sides.training)
        n_clips = len(EpochSampler(heard, config.sampling, recipe.seed))
        batch = config.batch_size * n_devices
        sizes.append(
            FitSize(
                name=name,
                n_training=len(sides.training.table),
                n_clips=n_clips,
                n_batches=count_batches(n_clips, batch, config.drop_remainder),
                n_validation=len(sides.validation),
                n_windows=_windows(sides.validation, recipe),
                n_classes=table["primary_label"].n_unique(),
                epochs=config.epochs,
            )
        )
    return sizes


def _windows(validation: pl.DataFrame, recipe: Recipe) -> int:
    """Count the windows in which recordings are scored: one where no more fit."""
    end_s = pl.min_horizontal("end_s", "duration_s")
    is_long = end_s - pl.col("start_s").fill_null(0.0) > recipe.audio.window_s
    n_long = int(validation.select(is_long.fill_null(True).sum()).item())
    return len(validation) + n_long * (recipe.evaluation.tta - 1)
