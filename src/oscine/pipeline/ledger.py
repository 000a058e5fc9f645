"""Reading back what the stages `catalog`, `audit` and `folds` left in a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from oscine.catalog import (
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    FOLDS,
    MATCHES,
    PARTS,
    RECORDINGS,
    FoldConfig,
    Ledger,
    Part,
    empty,
    read_table,
)
from oscine.config import parse, read_yaml
from oscine.core import ConfigError, read_json
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.catalog import WATERFALL

BUILD = "oscine catalog build RECIPE"
"""What makes the tables that are read here."""


def newest_run(runs: Path) -> Path:
    """Find the run that was worked on last among those that have folds.

    Args:
        runs: Folder of run folders.

    Raises:
        ConfigError: There is none.
    """
    built = [path.parent.parent for path in runs.glob("*/folds/classes.json")]
    if not built:
        raise ConfigError("no run with a built catalog", where=runs, fix=f"{BUILD}, or give --run")
    return max(built, key=lambda folder: (folder / "run.json").stat().st_mtime_ns)


def read_ledger(folder: Path) -> Ledger:
    """Read the tables of a built catalog.

    Args:
        folder: The run folder.

    Raises:
        ConfigError: The folder holds no run, or its catalog was not built to the end.
        ArtifactError: A table is missing.
    """
    if not (folder / "folds" / "classes.json").is_file():
        raise ConfigError("no built catalog in this folder", where=folder, fix=BUILD)
    recipe = parse(Recipe, read_yaml(folder / "recipe.yaml"), where=folder / "recipe.yaml")
    configs: dict[Part, FoldConfig] = {
        "pretrain": recipe.pretrain_folds,
        "target": recipe.target_folds,
    }
    departures = [
        read_table(folder / stage / "departures.parquet", DEPARTURES).with_columns(
            stage=pl.lit(stage)
        )
        for stage in ("catalog", "audit")
    ]
    folds = {part: folder / "folds" / f"{part}.parquet" for part in PARTS}
    return Ledger(
        roles={catalog.name: catalog.role for catalog in recipe.catalogs},
        merged=_parts(folder / "catalog"),
        final=_parts(folder / "audit"),
        departures=pl.concat(departures),
        findings=read_table(folder / "audit" / "findings.parquet", FINDINGS),
        audit=read_table(folder / "audit" / "audit.parquet", AUDIT),
        audited=recipe.audit.enabled,
        matches=_matches(folder / "audit" / "matches.parquet"),
        clusters=read_table(folder / "audit" / "clusters.parquet", CLUSTERS),
        folds={part: read_table(path, FOLDS) for part, path in folds.items() if path.exists()},
        fold_configs=configs,
        steps=_steps(folder),
    )


def _matches(path: Path) -> pl.DataFrame:
    """Read the pairs that share audio; without a search for them there is no such file."""
    return read_table(path, MATCHES) if path.exists() else empty(MATCHES)


def _parts(folder: Path) -> dict[Part, pl.DataFrame]:
    return {part: read_table(folder / f"{part}.parquet", RECORDINGS) for part in PARTS}


def _steps(folder: Path) -> list[dict[str, Any]]:
    return [
        {"stage": stage} | step
        for stage in ("catalog", "audit")
        for step in read_json(folder / stage / WATERFALL)["steps"]
    ]
