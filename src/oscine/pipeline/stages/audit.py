"""The `audit` stage: decode every recording once, quarantine the bad ones, find duplicates."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from oscine.audio import Measurement, Supposed, align_all, measure_all, probe
from oscine.catalog import (
    ATTRIBUTION,
    AUDIT,
    CLUSTERS,
    DEPARTURES,
    FINDINGS,
    LANDMARKS,
    LICENSES,
    MATCHES,
    PARTS,
    RECORDINGS,
    Merged,
    apply_audit,
    attribution,
    candidates,
    conform,
    empty,
    judge,
    judge_clips,
    license_ledger,
    lost_classes,
    recording_matches,
    with_measurements,
    write_table,
)
from oscine.core import AudioError, TrainingError, atomic_path, file_state, track, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.outside import recording_states
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.catalog import WATERFALL, read_merged

log = logging.getLogger("oscine")

UNKNOWN = ("sample_rate", "n_channels", "content_hash")
"""What a file that cannot be decoded does not tell: null in the table."""

MEASURED = {name: column.dtype for name, column in AUDIT.items() if name != "recording_id"} | dict(
    LANDMARKS
)
"""Columns of what a file told, whatever recordings lie in it."""

PART_ROWS = 500
"""Files measured between two writes: what a kill can lose."""


def make(recipe: Recipe) -> Stage:
    """Describe the stage."""
    settings = {
        "audit": recipe.audit.to_plain(),
        "window_s": recipe.audio.window_s,
        "f_max_hz": recipe.features.f_max_hz,
        "clip_context": recipe.audio.clip_context,
    }
    return Stage("audit", ("catalog",), "audit", settings, run, outside)


def outside(folder: RunFolder) -> Any:
    """Size and time, or version, of every recording: a changed file makes the stage stale."""
    merged = read_merged(folder)
    return recording_states(pl.concat([merged.pretrain, merged.target]))


def _paths(merged: Merged) -> list[str]:
    paths = pl.concat([merged.pretrain, merged.target])["filepath"]
    return paths.unique(maintain_order=True).to_list()


def run(folder: RunFolder) -> dict[str, Any]:
    """Measure, judge, quarantine, and write the tables that training starts from."""
    recipe, output = folder.recipe, folder.path / "audit"
    merged = read_merged(folder)
    paths = _paths(merged)
    measured = _measurements(folder, paths) if recipe.audit.enabled else _headers(paths)
    audit = _audit_table(merged, measured)
    findings = empty(FINDINGS)
    if recipe.audit.enabled:
        findings = judge(audit, recipe.audit, recipe.audio.window_s, recipe.features.f_max_hz)
        shortest_s = 0.0 if recipe.audio.clip_context else recipe.audio.window_s
        both = pl.concat([merged.pretrain, merged.target])
        findings = pl.concat([findings, judge_clips(both, audit, shortest_s)])
    before = len(merged.waterfall), len(merged.departures)
    matches = _matches(folder, merged, audit, measured)
    audited = apply_audit(merged, audit, findings, matches, recipe.merge.drop_target_overlap)
    after = audited.merged
    _report_losses(merged, after, findings)
    parts: dict[str, pl.DataFrame] = {
        part: with_measurements(after.part(part), audit) for part in PARTS
    }
    for part, table in parts.items():
        write_table(table, output / f"{part}.parquet", RECORDINGS)
    _write_licenses(parts, output)
    write_table(audit, output / "audit.parquet", AUDIT)
    write_table(matches, output / "matches.parquet", MATCHES)
    write_table(audited.clusters, output / "clusters.parquet", CLUSTERS)
    conflicts = after.conflicts.select(*FINDINGS)
    write_table(pl.concat([findings, conflicts]), output / "findings.parquet", FINDINGS)
    write_table(after.departures[before[1] :], output / "departures.parquet", DEPARTURES)
    write_json(output / WATERFALL, {"steps": after.waterfall[before[0] :]})
    return {
        "files": len(measured),
        "hours": round((measured["duration_s"].sum() or 0.0) / 3600, 3),
        "matches": len(matches),
        "findings": dict(findings["reason"].value_counts().sort("reason").iter_rows()),
        "recordings": {part: len(after.part(part)) for part in PARTS},
    }


def _write_licenses(parts: Mapping[str, pl.DataFrame], output: Path) -> None:
    """Account for the licences of what is used, and for whom to name."""
    write_table(license_ledger(parts), output / "licenses.parquet", LICENSES)
    named = attribution(pl.concat(parts.values()))
    write_table(named, output / "attribution.parquet", ATTRIBUTION)


def _measurements(folder: RunFolder, paths: list[str]) -> pl.DataFrame:
    """Measure files, in parts that a killed audit leaves behind and the next one reads."""
    place = folder.path / "audit" / "parts"
    parts = [pl.read_parquet(file) for file in sorted(place.glob("*.parquet"))]
    known = {path for part in parts for path in part["filepath"].to_list()}
    left = [path for path in paths if path not in known]
    measured = measure_all(
        left, folder.recipe.workers, fingerprint=folder.recipe.audit.shared_audio
    )
    rows: list[dict[str, Any]] = []
    for row in track(measured, "audit", len(left)):
        rows.append(_plain(row))
        if len(rows) == PART_ROWS:
            parts.append(_write_part(rows, place, len(parts)))
            rows = []
    if rows:
        parts.append(_write_part(rows, place, len(parts)))
    return pl.concat(parts)


def _headers(paths: list[str]) -> pl.DataFrame:
    """Read lengths from the files' headers alone; where there is no audio, there is no length."""
    log.warning("audit: SWITCHED OFF: no file is decoded, defects and twins will not be found")
    rows = [_header(path) for path in track(paths, "headers", len(paths))]
    absent = sum(row["duration_s"] is None for row in rows)
    if absent:
        log.warning("audit: %d of %d files are absent or have no header", absent, len(rows))
    return pl.DataFrame(rows, schema=MEASURED, orient="row")


def _header(path: str) -> dict[str, Any]:
    blank = dict.fromkeys(MEASURED)
    if file_state(path) is None:  # tens of thousands may be absent: two decoders need not try each
        return blank | {"filepath": path}
    try:
        info = probe(path)
    except AudioError:
        return blank | {"filepath": path}
    return blank | {
        "filepath": path,
        "duration_s": info.duration_s,
        "sample_rate": info.sample_rate,
        "n_channels": info.n_channels,
    }


def _plain(row: Measurement) -> dict[str, Any]:
    told = {k: None if k in UNKNOWN and not v else v for k, v in vars(row).items()}
    landmarks = told.pop("landmarks")
    return told | (dict.fromkeys(LANDMARKS) if landmarks is None else vars(landmarks))


def _write_part(rows: list[dict[str, Any]], place: Path, number: int) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=MEASURED, orient="row")
    with atomic_path(place / f"{number:06d}.parquet") as partial:
        table.write_parquet(partial)
    return table


def _matches(
    folder: RunFolder, merged: Merged, audit: pl.DataFrame, measured: pl.DataFrame
) -> pl.DataFrame:
    """Find the recordings that share audio: candidates by landmarks, then by their waveforms."""
    config = folder.recipe.audit
    if not (config.enabled and config.shared_audio):
        return empty(MATCHES)
    sound = measured.drop_nulls("content_hash").sort("filepath")
    sound = sound.unique("content_hash", keep="first", maintain_order=True)
    pairs = candidates(sound.select("at_ms", "pitch", file="content_hash"))
    known = dict(sound.select("content_hash", pl.struct("filepath", "duration_s")).iter_rows())
    supposed = []
    for file, other, offset_s, _ in pairs.iter_rows():
        here, there = known[file], known[other]
        overlap_s = max(0.0, offset_s), min(here["duration_s"], offset_s + there["duration_s"])
        paths = here["filepath"], there["filepath"]
        supposed.append(Supposed(*paths, offset_s, overlap_s))
    aligned = align_all(supposed, folder.recipe.workers)
    found = [vars(one) for one in track(aligned, "matches", len(supposed))]
    columns = ("score", "least_score", "offset_s")
    told = pl.DataFrame(found, schema=dict.fromkeys(columns, pl.Float64))
    scored = pairs.with_columns(told.get_columns())
    agreed = scored.filter(pl.col("score") >= config.match_score)
    return recording_matches(agreed, pl.concat([merged.pretrain, merged.target]), audit)


def _audit_table(merged: Merged, measured: pl.DataFrame) -> pl.DataFrame:
    recordings = pl.concat([merged.pretrain, merged.target]).select("recording_id", "filepath")
    return conform(recordings.join(measured, on="filepath", maintain_order="left"), AUDIT)


def _report_losses(before: Merged, after: Merged, findings: pl.DataFrame) -> None:
    for reason, n in findings["reason"].value_counts().sort("reason").iter_rows():
        log.info("audit: %d x %s", n, reason)
    for part in PARTS:
        for label in lost_classes(before.part(part), after.part(part)):
            log.warning("audit: class %s of %s lost all its recordings", label, part)
    if not len(after.target):
        raise TrainingError(
            "no target recording passed the audit", fix="see the log above, and catalog/"
        )
