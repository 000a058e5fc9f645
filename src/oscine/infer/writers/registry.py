"""Every output format by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from oscine.core import ScanError
from oscine.infer.result import ScanResult
from oscine.infer.writers import audacity, csv, jsonl, kaleidoscope, raven, submission
from oscine.infer.writers.outputs import check_outputs


class Writer(Protocol):
    """What the module of every format declares."""

    OUTPUT: str
    """The file or folder that it writes, in the scan's folder."""

    def write(self, result: ScanResult) -> None:
        """Write it, from the scan's tables."""
        ...


WRITERS: Mapping[str, Writer] = {
    "csv": csv,
    "jsonl": jsonl,
    "raven": raven,
    "audacity": audacity,
    "kaleidoscope": kaleidoscope,
    "submission": submission,
}
"""The formats, by their names in a recipe and after `--format`."""


def check_formats(names: Iterable[str]) -> None:
    """Refuse an unknown format before any work is done.

    Raises:
        ScanError: A name is unknown; the choices are listed.
    """
    for name in names:
        if name not in WRITERS:
            raise ScanError(f"no format {name!r}", fix=f"choose from {', '.join(WRITERS)}")


def check_writing(names: Iterable[str], result: ScanResult) -> None:
    """Refuse, before anything is scanned, what could not be written afterwards.

    Args:
        names: Formats, keys of `WRITERS`.
        result: The scan to come; it has no tables yet.

    Raises:
        ScanError: A name is unknown, something of the user's would be overwritten, or the
            submission that is asked for does not fit the bundle.
    """
    names = list(names)
    check_formats(names)
    check_outputs(result.folder, [WRITERS[name].OUTPUT for name in names])
    if "submission" in names:
        submission.check(result)


def write_formats(names: Iterable[str], result: ScanResult) -> None:
    """Write a scan in further formats.

    Args:
        names: Formats, keys of `WRITERS`.
        result: The scan.

    Raises:
        ScanError: A name is unknown; nothing is written then. Or something of the user's would be
            overwritten.
    """
    names = list(names)
    check_formats(names)
    for name in names:
        WRITERS[name].write(result)
