"""The `pretrain`, `finetune`, `baseline` and `naive` stages: one for each selected fold."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import polars as pl

from oscine.audio import Clip, WindowReader
from oscine.augment import list_sounds
from oscine.catalog import TrainingPart, hear_around, split
from oscine.core import ConfigError, TrainingError
from oscine.features import MelSpec, resolve
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.outside import state, states
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.folds import read_classes, read_folds, recordings
from oscine.train.config import FitConfig
from oscine.train.sampling import resample
from oscine.train.world import World

if TYPE_CHECKING:
    from oscine.model.classifier import Classifier


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
        if recipe.compare_naive:
            stages.append(_stage(recipe, "naive", fold, (*needs, "naive_folds")))
    return stages


def of_other_folds(recipe: Recipe, folds: Collection[int]) -> list[str]:
    """Name the stages that fit the target in other selected folds.

    Raises:
        ConfigError: A fold is not selected, so nobody would wait for it.
    """
    selected = recipe.target_folds.selected
    if unknown := sorted({*folds} - {*selected}):
        every = sorted({*selected, *folds})
        raise ConfigError(
            f"fold {unknown[0]} is not selected; target_folds.selected: {list(selected)}",
            fix=f'select all folds of the run, such as "target_folds.selected={every}"',
        )
    asked = tuple(f"/fold-{fold}" for fold in folds)
    return [
        stage.name
        for stage in make(recipe)
        if not stage.name.startswith("pretrain/") and not stage.name.endswith(asked)
    ]


def stage_config(recipe: Recipe, stage: str) -> FitConfig:
    """Find the settings of a stage; what fine-tuning is compared with has its settings."""
    return recipe.pretrain or FitConfig() if stage == "pretrain" else recipe.finetune


def _stage(recipe: Recipe, stage: str, fold: int, needs: tuple[str, ...]) -> Stage:
    name = f"{stage}/fold-{fold}"
    settings = {
        "seed": recipe.seed,
        "audio": recipe.audio.model_dump(
            mode="json", exclude={"workers", "cache_folder", "cache_budget_gb"}
        ),
        "features": recipe.features.to_plain(),
        "model": recipe.model.to_plain(),
        "fit": stage_config(recipe, stage).result_settings(_n_devices(recipe)),
        "evaluation": recipe.evaluation.model_dump(mode="json", include={"tta", "keep_columns"}),
    }

    def run(folder: RunFolder) -> dict[str, Any]:
        return take_part(folder, _announced(name))

    def outside(folder: RunFolder) -> Any:
        return [initial_weights(folder), mixed_in(stage_config(folder.recipe, stage))]

    return Stage(name, needs, f"fits/{name}", settings, run, outside, after=("cache",))


def _n_devices(recipe: Recipe) -> int:
    """Count the devices of a fit that are known without a look at them."""
    launched = World.here().size
    return launched if launched > 1 else recipe.devices.n_known


def initial_weights(folder: RunFolder) -> Any:
    """Size and time, or version, of a file of initial weights; None where there is none."""
    pretrain = folder.recipe.model.pretrain
    return None if pretrain in {"imagenet", "none"} else state(pretrain)


def mixed_in(config: FitConfig) -> Any:
    """Size and time, or version, of each file that augmentation mixes in from its folders."""
    return states([path for folder in config.augment.folders for path in list_sounds(folder)])


def mel_spec(recipe: Recipe) -> MelSpec:
    """Work out the front end of a recipe."""
    return resolve(recipe.features, recipe.audio.sample_rate, recipe.audio.window_s)


def _announced(name: str) -> str:
    """Call the processes that a launcher started beside this one, if any, to a fit."""
    if World.here().size > 1:
        from oscine.train.collectives import from_first

        from_first(name)
    return name


def take_part(folder: RunFolder, name: str) -> dict[str, Any]:
    """Do what is this process's of a fit.

    Args:
        folder: The run.
        name: The stage, such as `finetune/fold-0`.

    Returns:
        A few facts for `run.json`.
    """
    stage, _, fold = name.partition("/fold-")
    return _fit(folder, stage, int(fold))


def _fit(folder: RunFolder, stage: str, fold: int) -> dict[str, Any]:
    from oscine.train.fit import fit
    from oscine.train.job import FitJob

    recipe = folder.recipe
    part = "pretrain" if stage == "pretrain" else "target"
    config = stage_config(recipe, stage)
    table = recordings(folder, part)
    sides = split(table, read_folds(folder, part, naive=stage == "naive"), fold)
    _require_audio(sides.training.table, f"{stage}/fold-{fold}")
    heard = heard_of(recipe, config, table, sides.training)
    initial = None
    codes: tuple[str, ...] = ()
    if stage in {"finetune", "naive"} and recipe.pretrains:
        initial = folder.fit("pretrain", recipe.pretrain_folds.selected[0])
        codes = tuple(read_classes(folder, "pretrain").codes)
    job = FitJob(
        stage=stage,
        fold=fold,
        seed=recipe.seed,
        training=heard,
        validation=sides.validation,
        training_reader=window_reader(folder, heard, vary=recipe.audio.crop != "first"),
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
        devices=recipe.devices,
        group=recipe.comment or recipe.name,
        recipe=recipe.to_plain(),
        catalog=folder.fingerprints.get("audit", ""),
    )
    summary = fit(job)
    facts = ("best_epoch", "monitor", "best_value", "epochs", "seconds", "clips_per_second")
    return {name: summary[name] for name in (*facts, "carried_head_rows")}


def heard_of(
    recipe: Recipe, config: FitConfig, table: pl.DataFrame, training: TrainingPart
) -> pl.DataFrame:
    """Give what a fit's epochs draw from: the training part, resampled, with what is heard around.

    Args:
        recipe: The recipe.
        config: The stage's settings.
        table: All recordings of the part, validation included.
        training: The training side of the fold.
    """
    heard = resample(training, config.sampling, recipe.seed).table
    if recipe.audio.clip_context and config.loss.secondary_labels == "mask":
        around = hear_around(table, recipe.audio.window_s).select(
            "recording_id", "secondary_labels"
        )
        heard = heard.drop("secondary_labels").join(
            around, on="recording_id", maintain_order="left"
        )
    return heard


def _require_audio(training: pl.DataFrame, what: str) -> None:
    """Refuse to fit where not one file has audio, as with catalogs that are tables alone.

    Raises:
        TrainingError: There is nothing to hear.
    """
    if not (training["duration_s"] > 0).any():
        raise TrainingError(
            f"none of {len(training)} training recordings has audio",
            where=what,
            fix="put the files where the catalogs say, and remove `audio_required: false` and "
            "`audit: {enabled: false}`",
        )


def fitted_model(folder: RunFolder, stage: str, fold: int) -> Classifier:
    """Build the classifier that a fit left, on the CPU and in evaluation mode."""
    from safetensors.torch import load_file

    from oscine.model.classifier import Classifier
    from oscine.model.front import make_front

    recipe, spec = folder.recipe, mel_spec(folder.recipe)
    classes = read_classes(folder, "pretrain" if stage == "pretrain" else "target")
    config = recipe.model.model_copy(update={"pretrain": "none"})
    model = Classifier(config, spec.image_shape, len(classes), make_front(spec))
    model.load_state_dict(load_file(folder.fit(stage, fold) / "weights.safetensors"))
    return model.eval()


def window_reader(folder: RunFolder, table: pl.DataFrame, vary: bool = False) -> WindowReader:
    """Make the reader of a table's windows, from the cache where the recipe has one.

    Args:
        folder: The run.
        table: Recordings.
        vary: Whether the window around a short clip may have it anywhere, not in its middle.
    """
    rows = table.select(
        "filepath",
        pl.col("duration_s").fill_null(0.0),  # no header, no window: the row is left out
        "content_hash",
        pl.col("start_s").fill_null(0.0),
        "end_s",
    )
    audio = folder.recipe.audio
    clips = [Clip(*row) for row in rows.iter_rows()]
    if audio.clip_context:
        around = Clip.widened if vary else Clip.centred
        clips = [around(clip, audio.window_s) for clip in clips]
    return WindowReader(clips, audio)
