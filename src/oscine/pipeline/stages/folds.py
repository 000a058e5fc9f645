"""The `folds` stage: class lists, grouped folds, and the proof that no group is on both sides.

`naive_folds`, if a recipe compares with it, ignores the groups and counts how many it parts.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import polars as pl

from oscine.catalog import (
    AUDIT,
    CLUSTERS,
    FOLDS,
    PARTS,
    RECORDINGS,
    ClassList,
    FoldConfig,
    GroupKey,
    audit_across,
    audit_leaks,
    class_list,
    make_folds,
    read_table,
    unseen_classes,
    write_table,
)
from oscine.core import read_json, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe

log = logging.getLogger("oscine")


def make(recipe: Recipe) -> list[Stage]:
    """Describe the stages."""
    target = {
        "seed": recipe.seed,
        "target": recipe.target_folds.model_dump(mode="json", exclude={"selected"}),
    }
    pretrain = recipe.pretrain_folds.model_dump(mode="json", exclude={"selected"})
    stages = [Stage("folds", ("audit",), "folds", target | {"pretrain": pretrain}, run)]
    if recipe.compare_naive:
        stages.append(Stage("naive_folds", ("audit",), "naive_folds", target, run_naive))
    return stages


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
    unseen: dict[str, Any] = {}
    for part in PARTS:
        table = recordings(folder, part)
        classes[part] = class_list(table).to_plain()
        leaks[part] = unseen[part] = None
        if not len(table):
            continue
        folds = make_folds(table, configs[part], recipe.seed, clusters)
        leaks[part] = audit_leaks(table, folds, configs[part], clusters)
        unseen[part] = _unseen(table, folds, part)
        write_table(folds, output / f"{part}.parquet", FOLDS)
    leaks["across"] = _across(folder, clusters) if leaks["pretrain"] else None
    write_json(output / "classes.json", classes)
    write_json(output / "leaks.json", leaks | {"unseen": unseen})
    return {"classes": {part: len(codes) for part, codes in classes.items()}}


def run_naive(folder: RunFolder) -> dict[str, Any]:
    """Make folds of the target that ignore the groups, and count what they part."""
    output = folder.path / "naive_folds"
    clusters = read_table(folder.path / "audit" / "clusters.parquet", CLUSTERS)
    config = folder.recipe.target_folds.model_copy(update={"naive": True})
    table = recordings(folder, "target")
    folds = make_folds(table, config, folder.recipe.seed, clusters)
    leaks = audit_leaks(table, folds, config, clusters)
    write_table(folds, output / "target.parquet", FOLDS)
    write_json(output / "leaks.json", leaks)
    return {"leaks": {key: counts["leaks"] for key, counts in leaks.items()}}


def _across(folder: RunFolder, clusters: pl.DataFrame) -> dict[str, Any]:
    """Compare what each target fold validates with what pretraining hears."""
    audit = read_table(folder.path / "audit" / "audit.parquet", AUDIT)
    hashes = audit.select("recording_id", cluster="content_hash")
    merge = folder.recipe.merge
    forbidden: set[GroupKey] = {*merge.separate}
    if merge.drop_target_overlap:
        forbidden |= {"recording", "duplicate"}
    return audit_across(
        recordings(folder, "pretrain"),
        recordings(folder, "target"),
        read_folds(folder, "target"),
        pl.concat([clusters, hashes]),
        forbidden,
    )


def _unseen(table: pl.DataFrame, folds: pl.DataFrame, part: str) -> dict[str, list[str]]:
    """List the classes that a fold validates and nothing trains, and say so in the log."""
    found = unseen_classes(table, folds)
    for fold, labels in found.items():
        named = ", ".join(labels)
        log.warning("folds: no training row of %s in fold %d of %s", named, fold, part)
    return {str(fold): labels for fold, labels in found.items()}


def recordings(folder: RunFolder, part: str) -> pl.DataFrame:
    """Read the audited recordings of `pretrain` or `target`."""
    return read_table(folder.path / "audit" / f"{part}.parquet", RECORDINGS)


def read_folds(folder: RunFolder, part: str, naive: bool = False) -> pl.DataFrame:
    """Read the folds of `pretrain` or `target`."""
    place = folder.path / ("naive_folds" if naive else "folds")
    return read_table(place / f"{part}.parquet", FOLDS)


def read_classes(folder: RunFolder, part: str) -> ClassList:
    """Read the class list of `pretrain` or `target`."""
    path: Path = folder.path / "folds" / "classes.json"
    return ClassList.from_plain(read_json(path)[part])
