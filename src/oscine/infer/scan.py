"""Scanning recordings into a folder of tables; killed and run again, it goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oscine.core import Location, fingerprint, track, write_json
from oscine.infer.config import ScanConfig
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.events import gather
from oscine.infer.finish import Finisher
from oscine.infer.in_time import scan_in_time
from oscine.infer.journal import Journal
from oscine.infer.levels import ladder, left_out
from oscine.infer.pilot import Pilot
from oscine.infer.recordings import find_recordings
from oscine.infer.result import DEADLINE_FILE, SETTINGS_FILE, ScanResult
from oscine.infer.scoring import expect_windows, full_level, hop_samples, score_windows
from oscine.infer.tables import path_text
from oscine.infer.writers.registry import check_formats, check_writing
from oscine.infer.writing import ScanTables

log = logging.getLogger("oscine")


def scan(
    bundles: Sequence[Path] | Ensemble,
    paths: Sequence[Location],
    config: ScanConfig,
    out: Path,
    started_s: float | None = None,
) -> ScanResult:
    """Scan recordings.

    Args:
        bundles: Bundle folders, whose scores are averaged, or an ensemble that is open already.
        paths: Files, folders and globs, local or remote.
        config: Settings.
        out: Folder for the outputs. A recording that was finished there with the same bundles, hop
            and shifts is not scanned again; one that a deadline cut short, or that was scored
            with less, is scored again if there is time.
        started_s: When the time to the deadline began, by `time.monotonic`; None: now.

    Returns:
        Where the tables are. A recording that cannot be read is a row in the findings; one that
        breaks off, or for which no time was left, keeps the scores up to there, and is a row too.

    Raises:
        BundleError: A bundle is incomplete, or does not score as it was trained.
        ScanError: There is nothing to scan, a format is unknown, or an output cannot be written.
        RemoteError: A remote place cannot be reached; what was finished stays finished.
    """
    started_s = time.monotonic() if started_s is None else started_s
    check_formats(config.formats)
    recordings = find_recordings(paths)
    ensemble = bundles
    if not isinstance(ensemble, Ensemble):
        ensemble = open_ensemble(ensemble, config.threads)
    result = _nothing_yet(ensemble, recordings, config, out)
    check_writing(config.formats, result)
    scorer = fingerprint(ensemble.fingerprint, config.hop_s, config.shifts_s)
    out.mkdir(parents=True, exist_ok=True)
    journal = Journal(out / "parts", scorer, ensemble.species, full_level(ensemble, config))
    entries = journal.entries(recordings)
    _note_settings(ensemble, config, out)
    finish = Finisher(ensemble.species, ensemble.decisions, config)
    tables = ScanTables(journal, entries, finish, config, result)
    if config.deadline_s is None:
        result = _scan_all(ensemble, tables)
    else:
        result = _scan_in_time(ensemble, tables, config.deadline_s, started_s)
    tables.write()
    tables.close()
    _note_deadline(result, config, started_s)
    return result


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


def _unfinished(tables: ScanTables) -> list[Location]:
    entries, journal = tables.entries, tables.journal
    unfinished = [path for path, entry in entries.items() if not journal.is_finished(entry)]
    if len(unfinished) < len(entries):
        log.info("scan: %d recordings are finished already", len(entries) - len(unfinished))
    return unfinished


def _scan_all(ensemble: Ensemble, tables: ScanTables) -> ScanResult:
    """Scan with all that is asked for, however long it takes."""
    config, unfinished = tables.config, _unfinished(tables)
    tables.read(tables.entries.keys() - set(unfinished))
    scanned: set[Location] = set()
    if unfinished:
        counts = expect_windows(ensemble, unfinished, config.hop_s)
        events = score_windows(ensemble, unfinished, config)
        total = sum(n or 1 for n in counts.values())
        for stretch in gather(track(events, "scan", total, "windows"), ensemble):
            tables.add(stretch)
            if len(stretch.scores):
                scanned.add(stretch.path)
    return replace(tables.result, n_scanned=len(scanned))


def _scan_in_time(
    ensemble: Ensemble, tables: ScanTables, deadline_s: float, started_s: float
) -> ScanResult:
    """Scan with as much of what is asked for as there is time for."""
    config, full = tables.config, tables.journal.full
    hop = hop_samples(ensemble, config.hop_s)
    levels = ladder(full, ensemble.worth(), ensemble.knows(), max(1, ensemble.n_samples // hop))
    pilot = Pilot(ensemble, levels, deadline_s, started_s, len(tables.entries))
    counts = expect_windows(ensemble, _unfinished(tables), config.hop_s)
    tables.read(tables.entries)
    n_scanned = scan_in_time(ensemble, tables, counts, pilot)
    names = [f"bundle {predictor.bundle.path}" for predictor in ensemble.predictors]
    found = left_out(full, tables.levels.values(), names, "overlap of windows")
    return replace(
        tables.result,
        n_scanned=n_scanned,
        left_out=found | tables.cut_short(),
        is_stopped=pilot.is_stopped,
    )


def _note_settings(ensemble: Ensemble, config: ScanConfig, out: Path) -> None:
    """Write with what bundles and settings the tables are made."""
    bundles = [str(predictor.bundle.path) for predictor in ensemble.predictors]
    write_json(out / SETTINGS_FILE, {"bundles": bundles, "settings": config.to_plain()})


def _note_deadline(result: ScanResult, config: ScanConfig, started_s: float) -> None:
    """Write what the deadline cost beside the tables; without a deadline, nothing."""
    where = result.folder / DEADLINE_FILE
    if config.deadline_s is None:
        where.unlink(missing_ok=True)
        return
    facts = {
        "deadline_s": config.deadline_s,
        "took_s": round(time.monotonic() - started_s, 3),
        "stopped": result.is_stopped,
        "left_out": dict(result.left_out),
    }
    write_json(where, facts)
