"""Stage order, fingerprints, what is stale: finished stages are skipped, changed ones redone.

A stage's fingerprint covers the settings that it reads, the fingerprints of the stages that it
stands on, and the state of the files that it reads from outside. What a redone stage left before
is moved to `superseded/`, never deleted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oscine import __version__
from oscine.core import fingerprint, peak_memory, read_json, write_json
from oscine.pipeline.folder import RunFolder

log = logging.getLogger("oscine")


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Args:
        name: Such as `catalog` or `finetune/fold-0`.
        needs: Names of the stages that it stands on.
        after: Names of stages that must be done first, but whose settings it does not depend on.
        output: The folder that it writes, relative to the run folder.
        settings: What of the recipe it depends on, as plain data.
        run: Does the work; returns a few facts for `run.json`.
        outside: State of the files that it reads from outside the run folder, as plain data.
        intact: Whether what it left outside the run folder is still there; asked of a finished
            stage, which is done again if not.
    """

    name: str
    needs: tuple[str, ...]
    output: str
    settings: Any
    run: Callable[[RunFolder], dict[str, Any]]
    outside: Callable[[RunFolder], Any] = lambda folder: None  # noqa: ARG005 - the signature
    after: tuple[str, ...] = ()
    intact: Callable[[RunFolder], bool] = lambda folder: True  # noqa: ARG005 - the signature

    def fingerprint(self, folder: RunFolder) -> str:
        """Hash everything that the stage's output depends on."""
        below = [
            None if name in folder.missing else folder.fingerprints[name] for name in self.needs
        ]
        return fingerprint(__version__, self.name, self.settings, below, self.outside(folder))


def wanted(stages: Iterable[Stage], names: Iterable[str] | None) -> list[Stage]:
    """Choose stages and all that they stand on, in order.

    Args:
        stages: All stages, in order.
        names: Names, or first parts of names (`finetune` means every fold); None: all.

    Returns:
        The stages to bring up to date.
    """
    ordered = list(stages)
    if names is None:
        return ordered
    asked = set(names)
    keep: set[str] = set()
    for stage in reversed(ordered):
        if stage.name in asked or stage.name.partition("/")[0] in asked or stage.name in keep:
            keep |= {stage.name, *stage.needs, *stage.after}
    return [stage for stage in ordered if stage.name in keep]


def execute(
    stages: Iterable[Stage], folder: RunFolder, elsewhere: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Bring stages up to date.

    Args:
        stages: In order, each after those that it needs.
        folder: The run folder, open.
        elsewhere: Names of stages that are not run: what they left is used if it is there.

    Returns:
        One row for each stage: its name, fingerprint, seconds, status (`done`, `skipped`, or
        `missing` if it is run elsewhere and has left nothing).
    """
    rows = []
    for stage in stages:
        name = stage.fingerprint(folder)
        folder.fingerprints[stage.name] = name
        record = folder.path / "stages" / f"{stage.name.replace('/', '-')}.json"
        if _is_current(record, name) and stage.intact(folder):
            log.info("%s: up to date, skipped", stage.name)
            folder.note_stage(read_json(record))  # a kill may have come between the two writes
            rows.append({"stage": stage.name, "fingerprint": name, "status": "skipped"})
            continue
        if stage.name in elsewhere:
            log.info("%s: missing, and left to another run", stage.name)
            _set_aside(stage, folder, record, name)
            folder.missing.add(stage.name)
            rows.append({"stage": stage.name, "fingerprint": name, "status": "missing"})
            continue
        rows.append(_run_stage(stage, folder, name, record))
    return rows


def _is_current(record: Path, name: str) -> bool:
    return record.exists() and read_json(record)["fingerprint"] == name


def _run_stage(stage: Stage, folder: RunFolder, name: str, record: Path) -> dict[str, Any]:
    _set_aside(stage, folder, record, name)
    log.info("%s: starts", stage.name)
    started = time.monotonic()
    begun = record.with_suffix(".begun")
    write_json(begun, {"fingerprint": name})
    facts = stage.run(folder)
    seconds = round(time.monotonic() - started, 2)
    row = {"stage": stage.name, "fingerprint": name, "seconds": seconds, "status": "done"}
    if (peak := peak_memory()) is not None:
        row["peak_memory_gib"] = round(peak / 2**30, 2)
    write_json(record, row | {"facts": facts})
    begun.unlink()
    folder.note_stage(row | {"facts": facts})
    log.info("%s: done in %.1f s", stage.name, seconds)
    return row | {"facts": facts}


def _set_aside(stage: Stage, folder: RunFolder, record: Path, name: str) -> None:
    """Move what another fingerprint left; leave what this one began, to go on with it."""
    output = folder.path / stage.output
    begun = record.with_suffix(".begun")
    if record.exists():
        record.replace(begun)  # not finished from here on, wherever this process is killed
    left_by = read_json(begun)["fingerprint"] if begun.exists() else None
    if left_by == name or not output.exists():
        return
    first = folder.path / "superseded" / f"{stage.name.replace('/', '-')}-{left_by or 'unknown'}"
    place, number = first, 0
    while place.exists():
        number += 1
        place = first.with_name(f"{first.name}.{number}")
    place.parent.mkdir(parents=True, exist_ok=True)
    output.rename(place)
    begun.unlink(missing_ok=True)
    log.info("%s: settings changed; the earlier output is in %s", stage.name, place)
