"""The `pretrain`, `finetune` and `baseline` stages: one for each selected fold."""

from __future__ import annotations

from typing import Any

import polars as pl

from oscine.audio import Clip, WindowReader
from oscine.catalog import downsample, split, upsample
from oscine.features import MelSpec, resolve
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.audit import file_state
from oscine.pipeline.stages.folds import read_classes, read_folds, recordings
from oscine.train.config import FitConfig


def make(recipe: Recipe) -> list[Stage]:
    """Describe a stage for each selected fold of each fit."""
    stages = []
    below: tuple[str, ...] = ("folds",)
    pretrain_fold = recipe.pretrain_folds.selected[0]
    if recipe.pretrains:
        stages.append(_stage(recipe, "pretrain", pretrain_fold, below))
    for fold in recipe.target_folds.selected:
        needs = (*below, f"pretrain/fold-{pretrain_fold}") if recipe.pretrains else below
        stages.append(_stage(recipe, "finetune", fold, needs))
        if recipe.baseline and recipe.pretrains:
            stages.append(_stage(recipe, "baseline", fold, below))
    return stages


def stage_config(recipe: Recipe, stage: str) -> FitConfig:
    """Find the settings of a stage; the baseline has those of fine-tuning."""
    return recipe.pretrain or FitConfig() if stage == "pretrain" else recipe.finetune


def _stage(recipe: Recipe, stage: str, fold: int, needs: tuple[str, ...]) -> Stage:
    settings = {
        "seed": recipe.seed,
        "audio": recipe.audio.model_dump(
            mode="json", exclude={"workers", "cache_folder", "cache_budget_gb"}
        ),
        "features": recipe.features.to_plain(),
        "model": recipe.model.to_plain(),
        "fit": stage_config(recipe, stage).result_settings(),
        "evaluation": recipe.evaluation.model_dump(mode="json", include={"tta", "keep_columns"}),
    }

    def run(folder: RunFolder) -> dict[str, Any]:
        return _fit(folder, stage, fold)

    name = f"{stage}/fold-{fold}"
    return Stage(name, needs, f"fits/{name}", settings, run, initial_weights, after=("cache",))


def initial_weights(folder: RunFolder) -> Any:
    """Size and time of a local file of initial weights; None where there is none."""
    pretrain = folder.recipe.model.pretrain
    return None if pretrain in {"imagenet", "none"} else file_state(pretrain)


def mel_spec(recipe: Recipe) -> MelSpec:
    """Work out the front end of a recipe."""
    return resolve(recipe.features, recipe.audio.sample_rate, recipe.audio.window_s)


def _fit(folder: RunFolder, stage: str, fold: int) -> dict[str, Any]:
    from oscine.train.fit import fit
    from oscine.train.job import FitJob

    recipe = folder.recipe
    part = "pretrain" if stage == "pretrain" else "target"
    config = stage_config(recipe, stage)
    sides = split(recordings(folder, part), read_folds(folder, part), fold)
    training = sides.training
    if config.sampling.upsample is not None:
        training = upsample(training, config.sampling.upsample, recipe.seed)
    if config.sampling.downsample is not None:
        training = downsample(training, config.sampling.downsample, recipe.seed)
    initial = None
    codes: tuple[str, ...] = ()
    if stage == "finetune" and recipe.pretrains:
        initial = folder.fit("pretrain", recipe.pretrain_folds.selected[0])
        codes = tuple(read_classes(folder, "pretrain").codes)
    job = FitJob(
        stage=stage,
        fold=fold,
        seed=recipe.seed,
        training=training.table,
        validation=sides.validation,
        training_reader=window_reader(folder, training.table),
        validation_reader=window_reader(folder, sides.validation),
        classes=read_classes(folder, part),
        spec=mel_spec(recipe),
        model=recipe.model,
        config=config,
        evaluation=recipe.evaluation,
        tracking=recipe.tracking,
        folder=folder.fit(stage, fold),
        initial=initial,
        initial_codes=codes,
        workers=recipe.workers,
        group=recipe.comment or recipe.name,
        recipe=recipe.to_plain(),
    )
    summary = fit(job)
    facts = ("best_epoch", "monitor", "best_value", "epochs", "seconds", "clips_per_second")
    return {name: summary[name] for name in (*facts, "carried_head_rows")}


def window_reader(folder: RunFolder, table: pl.DataFrame) -> WindowReader:
    """Make the reader of a table's windows, from the cache where the recipe has one."""
    rows = table.select(
        "filepath",
        pl.col("duration_s").fill_null(0.0),  # no header, no window: the row is left out
        "content_hash",
        pl.col("start_s").fill_null(0.0),
        "end_s",
    )
    return WindowReader([Clip(*row) for row in rows.iter_rows()], folder.recipe.audio)
