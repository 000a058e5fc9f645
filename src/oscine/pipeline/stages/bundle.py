"""The `bundle` stage: what training leaves behind, exported and re-scored, one for each fold."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.audio import WindowRequest
from oscine.catalog import split
from oscine.core import BundleError, read_json
from oscine.infer import Predictor
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo, read_bundle
from oscine.pipeline.decisions import bundle_fields
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.model_card import CardSources, write_card
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.catalog import licenses
from oscine.pipeline.stages.fits import fitted_model, mel_spec, window_reader
from oscine.pipeline.stages.folds import read_classes, read_folds, recordings

log = logging.getLogger("oscine")

GOLDEN_WINDOWS = 4
"""Windows of the golden batch: enough to notice, few enough to score on every load."""


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    needs = (*(f"finetune/fold-{fold}" for fold in recipe.target_folds.selected), "evaluate")
    settings = {"name": recipe.name, "golden_windows": GOLDEN_WINDOWS}
    return Stage("bundle", needs, "bundle", settings, run)


def run(folder: RunFolder) -> dict[str, Any]:
    """Write and verify a bundle for each fold that was fitted, and its model card."""
    paths = [_write(folder, fold) for fold in folder.folds("finetune")]
    return {"bundles": [str(path) for path in paths]}


def _write(folder: RunFolder, fold: int) -> str:
    from oscine.model.export import write_bundle

    recipe = folder.recipe
    spec = mel_spec(recipe)
    classes = read_classes(folder, "target")
    table = recordings(folder, "target")
    sides = split(table, read_folds(folder, "target"), fold)
    parts = _pretraining(folder) | {"target": sides.training.table}
    info = BundleInfo(
        format_version=FORMAT_VERSION,
        name=f"{recipe.name} fold {fold}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        species=[
            SpeciesInfo(
                species_code=one.species_code,
                scientific_name=one.scientific_name or "",
                common_name=one.common_name or "",
            )
            for one in classes.species
        ],
        features=spec.to_plain(),
        activation=recipe.model.final_activation,
        mix=recipe.audio.mix,
        short=recipe.audio.short,
        versions=read_json(folder.about)["versions"],
        licenses=licenses(pl.concat(parts.values())),
        training={
            "fold": fold,
            "recipe": recipe.to_plain(),
            "catalog": folder.fingerprints.get("audit"),
            "metrics": _metrics(folder).get("pooled", {}),
            "classes": _per_class(folder),
        },
        **bundle_fields(_decided(folder)),
    )
    windows = _golden_windows(folder, sides.validation if len(sides.validation) else table)
    path = folder.bundle(fold)
    write_bundle(path, fitted_model(folder, "finetune", fold), info, windows)
    write_card(_card_sources(folder, fold, info, parts), path)
    Predictor(read_bundle(path)).verify("export to ONNX")
    log.info("bundle: %s, verified on %d windows", path, len(windows))
    return str(path)


def _golden_windows(folder: RunFolder, table: pl.DataFrame) -> NDArray[np.float32]:
    reader = window_reader(folder, table)
    rows = np.linspace(0, len(reader) - 1, min(GOLDEN_WINDOWS, len(reader))).astype(int)
    results = [reader.read_or_mask(WindowRequest(int(row))) for row in rows]
    windows = [result.waveform for result in results if result.ok]
    if not windows:
        raise BundleError("no recording can be read for the golden batch", where=folder.path)
    return np.stack(windows)


def _pretraining(folder: RunFolder) -> dict[str, pl.DataFrame]:
    """Give the recordings that the weights learned from before the target."""
    recipe = folder.recipe
    if not recipe.pretrains:
        return {}
    fold = recipe.pretrain_folds.selected[0]
    sides = split(recordings(folder, "pretrain"), read_folds(folder, "pretrain"), fold)
    return {"pretrain": sides.training.table}


def _metrics(folder: RunFolder) -> dict[str, Any]:
    """Read the metrics of fine-tuning; none where no recording was left to validate."""
    metrics: dict[str, Any] = read_json(folder.path / "evaluate" / "metrics.json")
    return metrics.get("finetune") or {}


def _decided(folder: RunFolder) -> dict[str, Any] | None:
    """Read what was decided about thresholds and calibration; None where nothing was."""
    path = folder.path / "evaluate" / "calibration.json"
    return read_json(path) if path.exists() else None


def _per_class(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """Read each class's out-of-fold metrics, to hold other recordings' against."""
    columns = ("n_validation", "average_precision", "roc_auc")
    return {
        row["species_code"]: {name: row[name] for name in columns}
        for row in _of_finetuning(folder, "per_class").iter_rows(named=True)
    }


def _of_finetuning(folder: RunFolder, name: str) -> pl.DataFrame:
    table = pl.read_parquet(folder.path / "evaluate" / f"{name}.parquet")
    return table.filter(stage="finetune") if table.width else table


def _card_sources(
    folder: RunFolder, fold: int, info: BundleInfo, parts: dict[str, pl.DataFrame]
) -> CardSources:
    return CardSources(
        info,
        parts,
        fold,
        backbone=folder.recipe.model.backbone,
        initial=Path(folder.recipe.model.pretrain).name,
        metrics=_metrics(folder),
        per_class=_of_finetuning(folder, "per_class"),
        level=folder.recipe.evaluation.bootstrap.level,
        confusions=_of_finetuning(folder, "confusions"),
        decided=_decided(folder),
    )
