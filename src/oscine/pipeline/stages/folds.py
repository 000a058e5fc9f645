"""The `folds` stage: class lists, grouped folds, and the proof that no group is on both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from oscine.catalog import (
    CLUSTERS,
    FOLDS,
    PARTS,
    RECORDINGS,
    ClassList,
    FoldConfig,
    audit_leaks,
    class_list,
    make_folds,
    read_table,
    write_table,
)
from oscine.core import read_json, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    settings = {
        "seed": recipe.seed,
        "pretrain": recipe.pretrain_folds.model_dump(mode="json", exclude={"selected"}),
        "target": recipe.target_folds.model_dump(mode="json", exclude={"selected"}),
    }
    return Stage("folds", ("audit",), "folds", settings, run)


def run(folder: RunFolder) -> dict[str, Any]:
    """Make class lists and folds, and audit them for leaks."""
    recipe, output = folder.recipe, folder.path / "folds"
    clusters = read_table(folder.path / "audit" / "clusters.parquet", CLUSTERS)
    configs: dict[str, FoldConfig] = {
        "pretrain": recipe.pretrain_folds,
        "target": recipe.target_folds,
    }
    classes: dict[str, Any] = {}
    leaks: dict[str, Any] = {}
    for part in PARTS:
        table = recordings(folder, part)
        classes[part] = class_list(table).to_plain()
        leaks[part] = None
        if not len(table):
            continue
        folds = make_folds(table, configs[part], recipe.seed, clusters)
        leaks[part] = audit_leaks(table, folds, configs[part], clusters)
        write_table(folds, output / f"{part}.parquet", FOLDS)
    write_json(output / "classes.json", classes)
    write_json(output / "leaks.json", leaks)
    return {"classes": {part: len(codes) for part, codes in classes.items()}}


def recordings(folder: RunFolder, part: str) -> pl.DataFrame:
    """Read the audited recordings of `pretrain` or `target`."""
    return read_table(folder.path / "audit" / f"{part}.parquet", RECORDINGS)


def read_folds(folder: RunFolder, part: str) -> pl.DataFrame:
    """Read the folds of `pretrain` or `target`."""
    return read_table(folder.path / "folds" / f"{part}.parquet", FOLDS)


def read_classes(folder: RunFolder, part: str) -> ClassList:
    """Read the class list of `pretrain` or `target`."""
    path: Path = folder.path / "folds" / "classes.json"
    return ClassList.from_plain(read_json(path)[part])
