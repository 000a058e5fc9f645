"""Scanning recordings into a folder of tables; killed and run again, it goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from oscine.catalog.tables import FINDINGS, conform, empty, write_table
from oscine.core import Location, atomic_path, fingerprint, track
from oscine.infer.averaging import Ranks
from oscine.infer.config import ScanConfig
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.finish import find_detections, finish_scores
from oscine.infer.journal import Journal
from oscine.infer.recordings import find_recordings
from oscine.infer.result import DETECTIONS_FILE, FINDINGS_FILE, SCORES_FILE, ScanResult
from oscine.infer.scoring import (
    FileScores,
    expect_windows,
    full_level,
    gather,
    score_windows,
)
from oscine.infer.tables import DETECTIONS, path_text, scores_schema
from oscine.infer.writers.registry import check_formats, check_writing, write_formats

log = logging.getLogger("oscine")


def scan(
    bundles: Sequence[Path] | Ensemble, paths: Sequence[Location], config: ScanConfig, out: Path
) -> ScanResult:
    """Scan recordings.

    Args:
        bundles: Bundle folders, whose scores are averaged, or an ensemble that is open already.
        paths: Files, folders and globs, local or remote.
        config: Settings.
        out: Folder for the outputs. A recording that was finished there with the same bundles, hop
            and shifts is not scanned again.

    Returns:
        Where the tables are. A recording that cannot be read is a row in the findings; one that
        breaks off keeps the scores up to there, and is a row too.

    Raises:
        BundleError: A bundle is incomplete, or does not score as it was trained.
        ScanError: There is nothing to scan, a format is unknown, or an output cannot be written.
        RemoteError: A remote place cannot be reached; what was finished stays finished.
    """
    check_formats(config.formats)
    recordings = find_recordings(paths)
    ensemble = bundles
    if not isinstance(ensemble, Ensemble):
        ensemble = open_ensemble(ensemble, config.threads)
    outcome = _nothing_yet(ensemble, recordings, config, out)
    check_writing(config.formats, outcome)
    scorer = fingerprint(ensemble.fingerprint, config.hop_s, config.shifts_s)
    out.mkdir(parents=True, exist_ok=True)
    journal = Journal(out / "parts", scorer, ensemble.species, full_level(ensemble, config))
    entries = journal.entries(recordings)
    waiting = [path for path, entry in entries.items() if not entry.exists()]
    if len(waiting) < len(recordings):
        log.info("scan: %d recordings are finished already", len(recordings) - len(waiting))
    for result in _scored(ensemble, waiting, config):
        journal.add(entries[result.path], result)
    _write_tables(journal, entries, config, out)
    n_scanned = len([path for path in waiting if entries[path].exists()])
    outcome = replace(outcome, n_scanned=n_scanned)
    write_formats(config.formats, outcome)
    return outcome


def _nothing_yet(
    ensemble: Ensemble, recordings: Sequence[Location], config: ScanConfig, out: Path
) -> ScanResult:
    return ScanResult(
        folder=out,
        species=tuple(ensemble.species),
        f_min_hz=min(spec.f_min_hz for spec in ensemble.specs),
        f_max_hz=max(spec.f_max_hz for spec in ensemble.specs),
        recordings=tuple(map(path_text, recordings)),
        n_scanned=0,
        sample_submission=config.sample_submission,
    )


def _scored(
    ensemble: Ensemble, paths: Sequence[Location], config: ScanConfig
) -> Iterator[FileScores]:
    if paths:
        total = expect_windows(ensemble, paths, config.hop_s)
        events = score_windows(ensemble, paths, config)
        yield from gather(track(events, "scan", total, "windows"), ensemble)


def _write_tables(
    journal: Journal, entries: Mapping[Location, Path], config: ScanConfig, out: Path
) -> None:
    """Post-process each recording by itself, then join the pieces without holding them all."""
    found = [empty(DETECTIONS)]
    pieces: list[Path] = []
    folder = out / "pieces"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for table in _finished(journal, entries, config):
        pieces.append(folder / f"{len(pieces)}.parquet")
        table.write_parquet(pieces[-1])
        found.append(find_detections(table, journal.species, config))
    with atomic_path(out / SCORES_FILE) as partial:
        if pieces:
            pl.scan_parquet(pieces).sink_parquet(partial)
        else:
            pl.DataFrame(schema=scores_schema(journal.species)).write_parquet(partial)
    shutil.rmtree(folder)
    write_table(pl.concat(found), out / DETECTIONS_FILE, DETECTIONS)
    write_table(_findings(journal, entries), out / FINDINGS_FILE, FINDINGS)


def _finished(
    journal: Journal, entries: Mapping[Location, Path], config: ScanConfig
) -> Iterator[pl.DataFrame]:
    finished = [(entry, path) for path, entry in entries.items() if entry.exists()]
    ranks = None
    if config.average == "rank":
        ranks = Ranks(len(journal.full.members), len(journal.species))
        for entry, path in finished:
            ranks.add(journal.read(entry, path).scores)
    for entry, path in finished:
        yield finish_scores(journal.read(entry, path), journal.species, config, ranks)


def _findings(journal: Journal, entries: Mapping[Location, Path]) -> pl.DataFrame:
    rows = [
        {
            "recording_id": path_text(path),
            "filepath": path_text(path),
            "reason": str(finding.reason),
            "quarantined": not entry.exists(),
            "detail": finding.detail,
        }
        for path, entry in entries.items()
        if (finding := journal.finding(entry)) is not None
    ]
    return conform(pl.DataFrame(rows), FINDINGS) if rows else empty(FINDINGS)
