"""The `scan` stage: the bundles tried on soundscapes, and scored where people annotated them."""

from __future__ import annotations

import time
from typing import Any

import polars as pl

from oscine.core import local_file, location, write_json
from oscine.evaluate import evaluate_scores
from oscine.infer import scan
from oscine.infer.recordings import find_recordings
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.outside import states
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.scan_evaluation import AnnotatedScan


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    settings = recipe.scan.model_dump(mode="json", exclude={"settings": {"threads"}})
    return Stage("scan", ("bundle",), "scan", settings, run, outside)


def outside(folder: RunFolder) -> Any:
    """States of the soundscapes and their annotations; None where there is no scan."""
    asked = folder.recipe.scan
    if not asked.paths:
        return None
    files = find_recordings(location(path) for path in asked.paths)
    tables = (asked.annotations, asked.settings.sample_submission)
    return states([*files, *(table for table in tables if table is not None)])


def run(folder: RunFolder) -> dict[str, Any]:
    """Scan, and score the scan where there are annotations."""
    recipe, output = folder.recipe, folder.path / "scan"
    if not recipe.scan.paths:
        return {"paths": 0}
    bundles = [folder.bundle(fold) for fold in folder.folds("finetune")]
    started = time.monotonic()
    paths = [location(path) for path in recipe.scan.paths]
    result = scan(bundles, paths, recipe.scan.settings, output)
    seconds = time.monotonic() - started
    scores = result.scores().collect()
    audio_s = float(scores.group_by("filepath").agg(pl.col("end_s").max())["end_s"].sum())
    facts: dict[str, Any] = {
        "files": result.n_recordings,
        "windows": len(scores),
        "detections": len(result.detections()),
        "unreadable": len(result.findings()),
        "seconds": round(seconds, 2),
        "audio_seconds": round(audio_s, 1),
        "realtime_factor": round(audio_s / max(1e-9, seconds), 1),
    }
    write_json(output / "scan.json", facts)
    if recipe.scan.annotations is not None:
        annotated = AnnotatedScan(
            output, local_file(recipe.scan.annotations), bundles[0], taxonomy=recipe.taxonomy
        )
        windows, _ = annotated.align(annotated.info())
        metrics = evaluate_scores(windows.targets, windows.scores)
        write_json(output / "metrics.json", metrics)
        facts["metrics"] = metrics
    return facts
