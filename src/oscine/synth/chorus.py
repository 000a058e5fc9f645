"""Settings -> a folder: two years of recordings, soundscapes, tables, and what was planted.

Files are made in a folder beside the final one, named after the settings, each of them atomically;
a killed run goes on where it was. The folder takes its final name when everything is in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from oscine.core import (
    ArtifactError,
    atomic_path,
    fingerprint,
    map_ordered,
    read_json,
    track,
    write_json,
    write_text,
)
from oscine.synth import tables
from oscine.synth.config import SynthConfig
from oscine.synth.entries import YEAR_A, YEAR_B
from oscine.synth.files import entry_bytes
from oscine.synth.plan import Plan, make_plan
from oscine.synth.soundscapes import Soundscape, draft_soundscape, events, soundscape_bytes

VERSION = 2
"""Raised when the same settings begin to sound different."""
PROVENANCE = "provenance.json"

Job = tuple[Path, Callable[[], bytes]]

log = logging.getLogger("oscine")


@dataclass(frozen=True)
class SynthReport:
    """What a chorus holds.

    Args:
        fingerprint: Name of the settings and of the generator's version.
        n_pretrain: Rows of `year_a`, defects included.
        n_target: Rows of `year_b`, defects included.
        n_species: Species of both years together.
        n_soundscapes: Soundscapes.
        n_events: Songs annotated in them.
        n_defects: Files that are broken, silent or not finite.
        n_duplicates: Files that another file of the same year repeats, conflicts included.
        n_overlap: Ids that stand in both years.
    """

    fingerprint: str
    n_pretrain: int
    n_target: int
    n_species: int
    n_soundscapes: int
    n_events: int
    n_defects: int
    n_duplicates: int
    n_overlap: int


def render(config: SynthConfig, out: Path) -> SynthReport:
    """Write a chorus, unless it is there already.

    Args:
        config: The settings.
        out: The folder to make; it may exist if it is empty or holds this very chorus.

    Returns:
        What the chorus holds.

    Raises:
        ArtifactError: The folder holds something else; nothing is touched.
    """
    name = fingerprint(VERSION, config.to_plain())
    if _is_complete(out, name):
        log.info("synth: %s is complete", out)
        return SynthReport(**read_json(out / PROVENANCE)["report"])
    staging = out.with_name(f".{out.name}.{name}.partial")
    plan = make_plan(config)
    soundscapes = [draft_soundscape(config, plan.roster, i) for i in range(config.n_soundscapes)]
    jobs = _jobs(config, plan, soundscapes, staging)
    for _ in track(map_ordered(_make, jobs), "synth", len(jobs)):
        pass
    for path, text in _tables(config, plan, soundscapes).items():
        write_text(staging / path, text)
    report = _report(name, config, plan, soundscapes)
    write_json(staging / PROVENANCE, _provenance(config, plan, report))
    staging.replace(out)
    return report


def _is_complete(out: Path, name: str) -> bool:
    """Tell a finished chorus from no folder at all, and refuse anything else."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return False
    if (out / PROVENANCE).is_file() and read_json(out / PROVENANCE).get("fingerprint") == name:
        return True
    raise ArtifactError(
        "this folder holds something else than the chorus that was asked for",
        where=out,
        fix="name a new folder, or remove this one",
    )


def _jobs(
    config: SynthConfig, plan: Plan, soundscapes: Sequence[Soundscape], staging: Path
) -> list[Job]:
    """List every audio file with the function that makes its bytes; the longest come first."""
    folder = staging / YEAR_B / "train_soundscapes"
    long: list[Job] = [
        (folder / f"{s.name}.ogg", partial(soundscape_bytes, config, s)) for s in soundscapes
    ]
    return long + [(staging / e.path, partial(entry_bytes, config, e)) for e in plan.entries]


def _make(job: Job) -> None:
    path, make = job
    if not path.exists():
        with atomic_path(path) as partial_path:
            partial_path.write_bytes(make())


def _tables(config: SynthConfig, plan: Plan, soundscapes: Sequence[Soundscape]) -> dict[str, str]:
    """Write every table as text, by its path in the chorus."""
    rows = {year: [e for e in plan.entries if e.year == year] for year in (YEAR_A, YEAR_B)}
    return {
        f"{YEAR_A}/train_metadata.csv": tables.metadata_text(config, rows[YEAR_A]),
        f"{YEAR_A}/taxonomy.csv": tables.taxonomy_text(plan.roster.pretrain),
        f"{YEAR_B}/train_metadata.csv": tables.metadata_text(config, rows[YEAR_B]),
        f"{YEAR_B}/taxonomy.csv": tables.taxonomy_text(plan.roster.target),
        f"{YEAR_B}/sample_submission.csv": tables.submission_text(soundscapes, plan.roster.target),
        f"{YEAR_B}/train_soundscapes_labels.csv": tables.soundscape_labels_text(soundscapes),
        f"{YEAR_B}/annotations.csv": tables.annotations_text(soundscapes),
    }


def _report(
    name: str, config: SynthConfig, plan: Plan, soundscapes: Sequence[Soundscape]
) -> SynthReport:
    planted = plan.planted
    twins = planted.duplicate_key, planted.duplicate_bytes, planted.label_conflict
    return SynthReport(
        fingerprint=name,
        n_pretrain=sum(entry.year == YEAR_A for entry in plan.entries),
        n_target=sum(entry.year == YEAR_B for entry in plan.entries),
        n_species=config.n_species,
        n_soundscapes=len(soundscapes),
        n_events=sum(len(events(one)) for one in soundscapes),
        n_defects=sum(len(paths) for paths in planted.defects.values()),
        n_duplicates=sum(len(pairs) for pairs in twins),
        n_overlap=len(planted.target_overlap),
    )


def _provenance(config: SynthConfig, plan: Plan, report: SynthReport) -> dict[str, Any]:
    planted = asdict(plan.planted)
    defects = {str(reason): paths for reason, paths in planted.pop("defects").items()}
    return {
        "what": "A synthetic chorus: every sound, name and place in it is invented by oscine.",
        "version": VERSION,
        "fingerprint": report.fingerprint,
        "config": config.to_plain(),
        "report": asdict(report),
        "planted": {**defects, **planted},
        "species": {
            YEAR_A: [one.code for one in plan.roster.pretrain],
            YEAR_B: [one.code for one in plan.roster.target],
        },
    }
