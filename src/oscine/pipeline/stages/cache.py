"""The `cache` stage: decode and resample every recording once, where the recipe asks for it."""

from __future__ import annotations

import logging
from typing import Any

import polars as pl

from oscine.audio import DecodeCache
from oscine.catalog import PARTS
from oscine.core import read_json
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
    return Stage("cache", ("audit",), "cache", settings, run, intact=intact)


def intact(folder: RunFolder) -> bool:
    """Tell whether the cache, which other runs share and anyone may clear, still holds it all."""
    cache = DecodeCache.from_config(folder.recipe.audio)
    if cache is None:
        return True
    missing = {row[1] for row in _rows(folder) if not cache.holds(row[1])}
    failed: int = read_json(folder.path / "stages" / "cache.json")["facts"]["failed"]
    return len(missing) <= failed


def run(folder: RunFolder) -> dict[str, Any]:
    """Fill the cache; what is there already is kept."""
    cache = DecodeCache.from_config(folder.recipe.audio)
    if cache is None:
        return {"cache": "none"}
    report = cache.build(_rows(folder), folder.recipe.workers)
    for failure in report.failures:
        log.warning("cache: %s: %s", failure.filepath, failure.detail)
    return {"written": report.n_written, "kept": report.n_kept, "failed": len(report.failures)}


def _rows(folder: RunFolder) -> list[tuple[str, str, float]]:
    """List file, hash and length of every recording that training reads."""
    table = pl.concat([recordings(folder, part) for part in PARTS])
    return table.select("filepath", "content_hash", "duration_s").rows()
