"""The `audit` stage: decode every recording once, quarantine the bad ones, find duplicates."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from oscine.audio import (
    Measurement,
    Supposed,
    align_all,
    hear_all,
    measure_all,
    open_speech_model,
    probe,
    speech_model_path,
)
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
    SPEECH,
    AuditConfig,
    Merged,
    apply_audit,
    attribution,
    candidates,
    conform,
    empty,
    judge,
    judge_clips,
    judge_speech,
    license_ledger,
    lost_classes,
    recording_matches,
    spoken,
    with_measurements,
    write_table,
)
from oscine.core import AudioError, Reason, TrainingError, file_state, local_file, track, write_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.outside import recording_states, state
from oscine.pipeline.parts import Parts
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.catalog import WATERFALL, read_merged

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

log = logging.getLogger("oscine")

UNKNOWN = ("sample_rate", "n_channels", "content_hash")
"""What a file that cannot be decoded does not tell: null in the table."""

MEASURED = {name: column.dtype for name, column in AUDIT.items() if name != "recording_id"} | dict(
    LANDMARKS
)
"""Columns of what a file told, whatever recordings lie in it."""

PART_ROWS = 500
"""Files measured between two writes: what a kill can lose."""

HEARD_ROWS = 100
"""Files listened to between two writes; a file takes about twice as long."""

STRETCH = pl.Struct(dict.fromkeys(("start_s", "end_s", "score"), pl.Float64))
HEARD = {"filepath": pl.String, "stretches": pl.List(STRETCH)}
"""Columns of what was heard of a file."""


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
    """Size and time, or version, of every recording, and of the model of speech if one is used.

    Raises:
        ConfigError: Speech is to be looked for, and its model is not there.
    """
    merged = read_merged(folder)
    recordings = recording_states(pl.concat([merged.pretrain, merged.target]))
    model = _model(folder.recipe.audit)
    return recordings if model is None else [recordings, state(model)]


def _paths(merged: Merged) -> list[str]:
    paths = pl.concat([merged.pretrain, merged.target])["filepath"]
    return paths.unique(maintain_order=True).to_list()


def run(folder: RunFolder) -> dict[str, Any]:
    """Measure, judge, quarantine, and write the tables that training starts from."""
    recipe, output = folder.recipe, folder.path / "audit"
    merged = read_merged(folder)
    model = _model(recipe.audit)
    session = None if model is None else open_speech_model(model)
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
    speech = _speech(folder, pl.concat(parts.values()), session)
    talk = judge_speech(pl.concat(parts.values()), speech)
    if len(talk):
        log.info("audit: %d x %s", len(talk), Reason.HUMAN_SPEECH)
    findings = pl.concat([findings, talk])
    for part, table in parts.items():
        write_table(table, output / f"{part}.parquet", RECORDINGS)
    _write_licenses(parts, output)
    write_table(audit, output / "audit.parquet", AUDIT)
    write_table(matches, output / "matches.parquet", MATCHES)
    write_table(audited.clusters, output / "clusters.parquet", CLUSTERS)
    write_table(speech, output / "speech.parquet", SPEECH)
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
    recipe = folder.recipe

    def work(left: Sequence[str]) -> Iterator[dict[str, Any]]:
        return map(_plain, measure_all(left, recipe.workers, recipe.audit.shared_audio))

    parts = Parts(folder.path / "audit" / "parts", "", MEASURED, PART_ROWS)
    return parts.complete(paths, work, "audit")


def _model(config: AuditConfig) -> Path | None:
    """Find the file of the speech model; None: nobody is listened for."""
    if not config.speech:
        return None
    return speech_model_path() if config.speech_model is None else local_file(config.speech_model)


def _speech(
    folder: RunFolder, recordings: pl.DataFrame, session: InferenceSession | None
) -> pl.DataFrame:
    """Listen for people in the files of recordings that are used, in parts as well."""
    if session is None:
        return empty(SPEECH)
    config, workers = folder.recipe.audit, folder.recipe.workers

    def work(left: Sequence[str]) -> Iterator[dict[str, Any]]:
        for heard in hear_all(left, session, config.speech_score, config.speech_s, workers):
            yield {"filepath": heard.filepath, "stretches": [vars(s) for s in heard.stretches]}

    paths = recordings["filepath"].unique(maintain_order=True)
    parts = Parts(folder.path / "audit" / "parts", "speech-", HEARD, HEARD_ROWS)
    heard = parts.complete(paths, work, "speech")
    return spoken(recordings, heard.explode("stretches").drop_nulls().unnest("stretches"))


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
