"""The `cache` stage: decode and resample every recording once, where the recipe asks for it."""

from __future__ import annotations

import logging
from typing import Any

import polars as pl

from oscine.audio import DecodeCache
from oscine.catalog import AUDIT, PARTS, read_table
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.folds import recordings

log = logging.getLogger("oscine")


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    audio = recipe.audio
    settings = audio.model_dump(mode="json", include={"cache", "sample_rate", "mix"})
    if audio.cache != "none":
        settings["folder"] = audio.cache_folder
    return Stage("cache", ("audit",), "cache", settings, run)


def run(folder: RunFolder) -> dict[str, Any]:
    """Fill the cache; what is there already is kept."""
    audio = folder.recipe.audio
    if audio.cache == "none":
        return {"cache": "none"}
    table = pl.concat([recordings(folder, part) for part in PARTS])
    audit = read_table(folder.path / "audit" / "audit.parquet", AUDIT)
    rows = audit.join(table.select("recording_id"), on="recording_id", how="semi")
    wanted = rows.select("filepath", "content_hash", "duration_s").iter_rows()
    cache = DecodeCache.from_config(audio)
    report = cache.build(list(wanted), folder.recipe.workers)
    for failure in report.failures:
        log.warning("cache: %s: %s", failure.filepath, failure.detail)
    return {"written": report.n_written, "kept": report.n_kept, "failed": len(report.failures)}
