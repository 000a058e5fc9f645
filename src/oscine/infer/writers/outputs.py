"""Writing an output beside what the user may have there: nothing that is not ours is replaced.

A scan's folder keeps the hashes of the outputs that it wrote, in `outputs.json`. A file that is not
among them, or was changed since (a selection table that somebody corrected), is the user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from oscine.core import ScanError, atomic_path, hash_file, read_json, write_json

LEDGER_FILE = "outputs.json"
"""Path in the folder, with `/` -> hashes that the file had when it was written; the last counts,
and the one before it, in case writing was cut short between the ledger and the file."""


@contextmanager
def output(folder: Path, name: str) -> Iterator[Path]:
    """Give a temporary path for an output, and put it in its place when the block succeeds.

    Args:
        folder: The scan's folder.
        name: A file or folder in it; one that this scan wrote before is replaced.

    Yields:
        The temporary path. Nothing exists there yet.

    Raises:
        ScanError: Something of the user's stands there.
    """
    check_outputs(folder, [name])
    with atomic_path(folder / name) as partial:
        yield partial
        _note(folder, name, partial)


def check_outputs(folder: Path, names: Iterable[str]) -> None:
    """Refuse to replace what this scan did not write.

    Args:
        folder: The scan's folder.
        names: Files or folders in it.

    Raises:
        ScanError: Something of the user's stands there.
    """
    known = _read(folder)
    for name in names:
        for where, digest in _hashes(folder / name, name).items():
            if digest not in known.get(where, []):
                what = "was changed since this scan wrote it" if where in known else "is not ours"
                raise ScanError(
                    f"it would be overwritten, and {what}",
                    where=folder / where,
                    fix="move it elsewhere, or give another folder with --out",
                )


def _hashes(path: Path, name: str) -> dict[str, str]:
    """Hash a file, or every file of a folder, by its path in the scan's folder."""
    if not path.is_dir():
        return {name: _hash(path)} if path.exists() else {}
    files = sorted(file for file in path.rglob("*") if not file.is_dir())
    return {f"{name}/{file.relative_to(path).as_posix()}": _hash(file) for file in files}


_latest: dict[tuple[int, ...], str] = {}
"""State of the file that was hashed last -> its hash: what this process has just written, and is
about to replace, need not be read again."""


def _hash(path: Path) -> str:
    at = path.stat()
    state = (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns)
    if state not in _latest:
        digest = hash_file(path)
        _latest.clear()
        _latest[state] = digest
    return _latest[state]


def _read(folder: Path) -> dict[str, list[str]]:
    ledger = folder / LEDGER_FILE
    return dict(read_json(ledger)) if ledger.exists() else {}


def _note(folder: Path, name: str, partial: Path) -> None:
    known = _read(folder)
    for where, digest in _hashes(partial, name).items():
        known[where] = [*known.get(where, [])[-1:], digest]
    write_json(folder / LEDGER_FILE, known)
