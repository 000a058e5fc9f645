"""The `catalog` stage: read every catalog and merge them."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import polars as pl

from oscine.catalog import (
    DEPARTURES,
    FINDINGS,
    KNOWN_SILENT,
    PARTS,
    RECORDINGS,
    Catalogs,
    MergeConfig,
    Merged,
    license_counts,
    merge_catalogs,
    read_catalogs,
    read_corrupt_list,
    read_table,
    unmatched,
    write_table,
)
from oscine.core import CatalogError, read_json, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.outside import catalog_state, states
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import DEBUG_RECORDINGS, Recipe

log = logging.getLogger("oscine")

WATERFALL = "waterfall.json"
"""The account of rows, from each catalog's raw count on."""

TAXONOMY = "taxonomy.json"
"""The account of labels: how each was resolved, which were not, which names disagree."""


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    settings = {
        "catalogs": [catalog.to_plain() for catalog in recipe.catalogs],
        "taxonomy": recipe.taxonomy.to_plain(),
        "merge": recipe.merge.to_plain(),
        "debug": recipe.debug,
    }
    return Stage("catalog", (), "catalog", settings, run, outside)


def outside(folder: RunFolder) -> Any:
    """What the catalogs' rows follow from, and the lists of corrupt files."""
    recipe = folder.recipe
    catalogs = [catalog_state(catalog) for catalog in recipe.catalogs]
    return [catalogs, states([*recipe.taxonomy.paths, *recipe.merge.corrupt_lists])]


def read(recipe: Recipe) -> Catalogs:
    """Read the catalogs of a recipe, of a debug run their commonest classes.

    Raises:
        CatalogError: One of them cannot be read.
    """
    catalogs = read_catalogs(recipe.catalogs, recipe.taxonomy)
    if not recipe.debug:
        return catalogs
    return replace(catalogs, tables=[(one, _commonest(table)) for one, table in catalogs.tables])


def merge(recipe: Recipe, catalogs: Catalogs) -> Merged:
    """Merge the catalogs of a recipe, in memory.

    Raises:
        CatalogError: Nothing is left to train on.
    """
    merged = merge_catalogs(catalogs.tables, recipe.merge)
    if merged.target.is_empty():
        raise CatalogError(
            "no target recording is left after the merge",
            where=", ".join(config.name for config in recipe.catalogs),
            fix="loosen min_recordings, min_rating or exclude_licenses",
        )
    if recipe.pretrains and merged.pretrain.is_empty():
        raise CatalogError(
            "no recording is left to pretrain on after the merge",
            where=", ".join(config.name for config in recipe.catalogs if config.role == "pretrain"),
            fix="loosen merge.separate, min_recordings, min_rating or exclude_licenses; or set "
            "pretrain to null",
        )
    return merged


def run(folder: RunFolder) -> dict[str, Any]:
    """Read, resolve labels, merge, and write the tables and the waterfall."""
    recipe, output = folder.recipe, folder.path / "catalog"
    catalogs = read(recipe)
    tables = catalogs.tables
    write_json(output / TAXONOMY, catalogs.taxonomy)
    merged = merge(recipe, catalogs)
    for part in PARTS:
        write_table(getattr(merged, part), output / f"{part}.parquet", RECORDINGS)
    write_table(merged.departures, output / "departures.parquet", DEPARTURES)
    write_table(merged.conflicts, output / "conflicts.parquet", FINDINGS)
    account = {
        "steps": merged.waterfall,
        "rows_per_catalog": {config.name: len(table) for config, table in tables},
        "licenses": licenses(pl.concat([merged.pretrain, merged.target])),
        "min_recordings": dict(merged.min_recordings),
        "unmatched_entries": _unmatched(recipe.merge, pl.concat([table for _, table in tables])),
    }
    write_json(output / WATERFALL, account)
    return {
        "recordings": {part: len(getattr(merged, part)) for part in PARTS},
        "departures": len(merged.departures),
        "conflicts": len(merged.conflicts),
        "unresolved_labels": sum(
            entry["how"] == "unresolved" for entry in catalogs.taxonomy["labels"]
        ),
        "disagreements": len(catalogs.taxonomy["disagreements"]),
    }


def _unmatched(merge: MergeConfig, table: pl.DataFrame) -> dict[str, list[str]]:
    """List what the lists of corrupt files name, but no catalog has; the default is no list."""
    own = [entry for entry in merge.corrupt_files if entry not in KNOWN_SILENT]
    lists = {str(path): read_corrupt_list(path) for path in merge.corrupt_lists}
    found = {}
    for name, entries in ({"corrupt_files": own} | lists).items():
        found[name] = unmatched(table, entries)
        if found[name]:
            first = ", ".join(found[name][:3])
            n_left, n_all = len(found[name]), len(entries)
            log.warning("%s: %d of %d entries are no recording: %s", name, n_left, n_all, first)
    return found


def licenses(table: pl.DataFrame) -> dict[str, int]:
    """Count recordings by licence."""
    return dict(license_counts(table).select("license", "recordings").iter_rows())


def read_merged(folder: RunFolder) -> Merged:
    """Read what the stage wrote."""
    place = folder.path / "catalog"
    account = read_json(place / WATERFALL)
    return Merged(
        pretrain=read_table(place / "pretrain.parquet", RECORDINGS),
        target=read_table(place / "target.parquet", RECORDINGS),
        departures=read_table(place / "departures.parquet", DEPARTURES),
        conflicts=read_table(place / "conflicts.parquet", FINDINGS),
        waterfall=account["steps"],
        min_recordings=account["min_recordings"],
    )


def _commonest(table: pl.DataFrame) -> pl.DataFrame:
    """Keep the commonest classes whole, so that folds and filters still have something to do."""
    counts = (
        table["primary_label"]
        .value_counts()
        .sort("count", "primary_label", descending=[True, False])
    )
    before = counts["count"].cum_sum() - counts["count"]
    return table.filter(
        pl.col("primary_label").is_in(counts.filter(before < DEBUG_RECORDINGS)["primary_label"])
    )
