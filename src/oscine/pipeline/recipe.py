"""The recipe: one typed file that describes a whole run, composed of the components' configs."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, model_validator

from oscine.audio import AudioConfig
from oscine.augment import AugmentConfig
from oscine.catalog import (
    RECORDINGS,
    AuditConfig,
    CatalogConfig,
    FoldConfig,
    MergeConfig,
    TaxonomyConfig,
)
from oscine.config import Config, apply_overrides, dump_yaml, parse, read_yaml
from oscine.core import ConfigError, Location, available_cores, is_remote
from oscine.evaluate import EvaluateConfig
from oscine.features import FeatureConfig, resolve
from oscine.infer import ScanConfig
from oscine.infer.writers.registry import check_formats
from oscine.model.config import ModelConfig
from oscine.train.config import DeviceConfig, FitConfig, SamplingConfig, TrackingConfig

DEBUG_RECORDINGS = 60
"""Recordings of each catalog that a debug run keeps, about: those of its commonest classes."""


class ScanStage(Config):
    """What the bundle is tried on at the end of a run."""

    paths: tuple[str, ...] = ()
    """Soundscape files, folders or globs; none: no scan."""
    annotations: str | None = None
    """Table of what people heard in them (filename, start, end, primary_label), to score by."""
    settings: ScanConfig = ScanConfig()


class Recipe(Config):
    """A whole run."""

    name: str = Field("run", pattern=r"^[\w.-]+$")
    """Name of the experiment, and of the run folder."""
    comment: str = ""
    """What this run tries; also the group under which trackers file it."""
    seed: int = Field(42, ge=0)
    """Every random draw is a function of it."""
    debug: bool = False
    """A quick look: 60 recordings or so, of the commonest classes, and one epoch a stage."""
    verbose: bool = True
    """Say what is being done; false: warnings only."""
    catalogs: tuple[CatalogConfig, ...]
    """Where recordings come from; those with role `target` are the species that matter."""
    taxonomy: TaxonomyConfig = TaxonomyConfig()
    merge: MergeConfig = MergeConfig()
    audit: AuditConfig = AuditConfig()
    audio: AudioConfig = AudioConfig()
    features: FeatureConfig = FeatureConfig()
    model: ModelConfig = ModelConfig()
    pretrain: FitConfig | None = FitConfig(sampling=SamplingConfig(upsample=50, downsample=500))
    """First stage, on the catalogs with role `pretrain`; null: none."""
    pretrain_folds: FoldConfig = FoldConfig(n_folds=25)
    finetune: FitConfig = FitConfig()
    """Second stage, on the catalogs with role `target`, from the weights of the first."""
    target_folds: FoldConfig = FoldConfig(n_folds=5)
    baseline: bool = False
    """Fit the target without pretraining as well, to see what pretraining buys."""
    compare_naive: bool = False
    """Fit the target with naive folds as well, which part recordists, to see what a leak buys."""
    devices: DeviceConfig = DeviceConfig()
    evaluation: EvaluateConfig = EvaluateConfig()
    tracking: TrackingConfig = TrackingConfig()
    scan: ScanStage = ScanStage()

    @model_validator(mode="after")
    def _complete(self) -> Recipe:
        names = [catalog.name for catalog in self.catalogs]
        if len(set(names)) < len(names):
            raise ValueError(f"two catalogs have one name: {', '.join(sorted(names))}")
        if not any(catalog.role == "target" for catalog in self.catalogs):
            raise ValueError("no catalog has the role target")
        if len(self.pretrain_folds.selected) > 1:
            raise ValueError("pretrain_folds.selected: fine-tuning starts from one fold, not many")
        if self.compare_naive and self.target_folds.naive:
            raise ValueError("compare_naive: target_folds.naive leaves no grouped folds to compare")
        resolve(self.features, self.audio.sample_rate, self.audio.window_s)
        if unknown := sorted({*self.evaluation.keep_columns} - {*RECORDINGS}):
            choices = ", ".join(RECORDINGS)
            raise ValueError(f"evaluation.keep_columns: no column {unknown[0]!r}; {choices}")
        check_formats(self.scan.settings.formats)
        if self.audio.cache != "none" and not self.audit.enabled:
            raise ValueError("the decode cache needs the audit, which names files by content")
        return self

    @property
    def pretrains(self) -> bool:
        """Whether there is a first stage."""
        has_catalog = any(catalog.role == "pretrain" for catalog in self.catalogs)
        return self.pretrain is not None and has_catalog

    @property
    def workers(self) -> int:
        """Reading threads."""
        return self.audio.workers or available_cores()

    def to_yaml(self) -> str:
        """Write the whole recipe, defaults included."""
        return dump_yaml(self.to_plain())


def preset_names() -> list[str]:
    """List the recipes that oscine ships."""
    folder = importlib.resources.files("oscine.pipeline") / "recipes"
    return sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml"))


def load_recipe(name: str, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe from a file, or a preset by its name.

    Relative paths of catalogs, scans, weights and sounds to mix in are relative to the recipe
    file's folder.

    Args:
        name: Path of a YAML file, or a preset's name.
        overrides: `a.b=c` texts that change settings.

    Returns:
        The checked recipe.

    Raises:
        ConfigError: There is no such recipe, or a setting is unknown or has a bad value.
    """
    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        if name not in preset_names():
            raise ConfigError(
                f"no recipe {name!r}",
                fix=f"give a .yaml file, or a preset: {', '.join(preset_names())}",
            )
        path = Path(str(importlib.resources.files("oscine.pipeline") / "recipes" / f"{name}.yaml"))
        anchor = Path()
    else:
        anchor = path.parent
    recipe = parse(Recipe, apply_overrides(read_yaml(path), overrides), where=path)
    return _anchored(_debugged(recipe), anchor)


def _debugged(recipe: Recipe) -> Recipe:
    if not recipe.debug:
        return recipe
    stages = {
        name: stage.model_copy(update={"epochs": 1})
        for name in ("pretrain", "finetune")
        if (stage := getattr(recipe, name)) is not None
    }
    return recipe.model_copy(update=stages)


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    def anchor(path: str) -> str:
        return path if "://" in path else str((folder / path).resolve())

    def placed(place: Location) -> Location:
        return place if is_remote(place) else (folder / place).resolve()

    def sounds_placed(config: AugmentConfig) -> AugmentConfig:
        parts = {
            name: part.model_copy(update={"folder": placed(part.folder)})
            for name in ("background", "reverb")
            if (part := getattr(config, name)).folder is not None
        }
        return config.model_copy(update=parts)

    catalogs = tuple(
        catalog.model_copy(update={"path": placed(catalog.path)}) for catalog in recipe.catalogs
    )
    scan = recipe.scan.model_copy(
        update={
            "paths": tuple(anchor(path) for path in recipe.scan.paths),
            "annotations": recipe.scan.annotations and anchor(recipe.scan.annotations),
        }
    )
    tables = tuple(placed(path) for path in recipe.taxonomy.tables)
    own = recipe.taxonomy.crosswalk
    taxonomy = recipe.taxonomy.model_copy(
        update={"tables": tables, "crosswalk": own and placed(own)}
    )
    lists = tuple(placed(path) for path in recipe.merge.corrupt_lists)
    merge = recipe.merge.model_copy(update={"corrupt_lists": lists})
    voice = recipe.audit.speech_model
    audit = recipe.audit.model_copy(update={"speech_model": voice and placed(voice)})
    model = recipe.model
    if model.pretrain not in {"imagenet", "none"}:
        model = model.model_copy(update={"pretrain": anchor(model.pretrain)})
    stages = {
        name: stage.model_copy(update={"augment": sounds_placed(stage.augment)})
        for name in ("pretrain", "finetune")
        if (stage := getattr(recipe, name)) is not None
    }
    changed = {"catalogs": catalogs, "taxonomy": taxonomy, "scan": scan, "merge": merge}
    return recipe.model_copy(update=changed | {"audit": audit, "model": model, **stages})
