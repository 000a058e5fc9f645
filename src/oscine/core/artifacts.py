"""Atomic, fingerprinted writes: a file is either the old one, or the whole new one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oscine.core.errors import ArtifactError

REDO = "delete its stage's file in stages/ of the run, and run it again"
"""What to do about an artifact that is missing or damaged."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` when the block succeeds.

    Args:
        path: Where the file or folder shall stand. A file that is there is replaced; a folder
            that is there is replaced only when the new one is complete.

    Yields:
        The temporary path, on the same file system. Nothing exists there yet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    _remove(partial)
    try:
        yield partial
        if partial.is_dir() and path.is_dir():
            old = path.with_name(f".{path.name}.{os.getpid()}.old")
            path.rename(old)
            partial.rename(path)
            _remove(old)
        else:
            partial.replace(path)
    finally:
        _remove(partial)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically; NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ArtifactError: The file is missing or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError("missing artifact", where=path, fix=REDO) from error
    except ValueError as error:
        raise ArtifactError("damaged artifact", where=path, fix=REDO) from error


def fingerprint(*parts: Any) -> str:
    """Hash plain data to a short name; equal data give equal names in any process.

    Args:
        parts: Anything JSON can hold; mappings are sorted by key, other values become text.

    Returns:
        Sixteen hexadecimal digits.

    Example:
        >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
        True
    """
    text = json.dumps(parts, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def hash_file(path: Path) -> str:
    """Hash a file's bytes (BLAKE2b, 128 bits), reading a megabyte at a time.

    Returns:
        Thirty-two hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
