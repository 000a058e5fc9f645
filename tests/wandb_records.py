"""Reading back what an offline run of Weights & Biases holds, by W&B's own record types.

The file is a log of LevelDB: after a head of 7 bytes come blocks of 32 KiB, in them pieces with a
checksum (4 bytes), a length (2) and a kind (1): whole, first, middle, last.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEAD, BLOCK, PIECE = 7, 32768, 7


def records(path: Path) -> Iterator[Any]:
    """Give each record of a `.wandb` file."""
    from wandb.proto import wandb_internal_pb2

    data, place, parts = path.read_bytes(), HEAD, b""
    assert data[:4] == b":W&B"
    while place + PIECE <= len(data):
        if BLOCK - place % BLOCK < PIECE:
            place += BLOCK - place % BLOCK
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        parts += data[place + PIECE : place + PIECE + length]
        place += PIECE + length
        if kind in {1, 4}:
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            parts = b""
            yield record


@dataclass
class Stored:
    """What an offline run holds."""

    folder: Path
    run: Any = None
    config: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None


def _key(item: Any) -> str:
    return item.key or "/".join(item.nested_key)


def stored(folder: Path) -> Stored:
    """Read the folder of an offline run."""
    (path,) = folder.glob("*.wandb")
    found = Stored(folder)
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            found.run = record.run
            found.config |= {_key(i): json.loads(i.value_json) for i in record.run.config.update}
        elif kind == "history":
            found.rows.append({_key(i): json.loads(i.value_json) for i in record.history.item})
        elif kind == "summary":
            found.summary |= {_key(i): json.loads(i.value_json) for i in record.summary.update}
        elif kind == "artifact":
            found.artifacts[record.artifact.name] = record.artifact
        elif kind == "exit":
            found.exit_code = record.exit.exit_code
    return found


def offline_runs(folder: Path, patience_s: float = 20.0) -> list[Stored]:
    """Read every offline run below a folder, oldest first; the last one may still be written."""
    until = time.monotonic() + patience_s
    while True:
        found = [stored(path) for path in sorted(folder.glob("wandb/offline-run-*"))]
        if not found or found[-1].exit_code is not None or time.monotonic() > until:
            return found
        time.sleep(0.05)
