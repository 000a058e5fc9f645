"""Every output format by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from oscine.core import ScanError
from oscine.infer.result import ScanResult
from oscine.infer.writers import audacity, csv, raven, submission

WRITERS: Mapping[str, Callable[[ScanResult], None]] = {
    "csv": csv.write,
    "raven": raven.write,
    "audacity": audacity.write,
    "submission": submission.write,
}
"""Each writes into the scan's folder, from its tables."""


def check_formats(names: Iterable[str]) -> None:
    """Refuse an unknown format before any work is done.

    Raises:
        ScanError: A name is unknown; the choices are listed.
    """
    for name in names:
        if name not in WRITERS:
            raise ScanError(f"no format {name!r}", fix=f"choose from {', '.join(WRITERS)}")


def write_formats(names: Iterable[str], result: ScanResult) -> None:
    """Write a scan in further formats.

    Args:
        names: Formats, keys of `WRITERS`.
        result: The scan.

    Raises:
        ScanError: A name is unknown; nothing is written then.
    """
    names = list(names)
    check_formats(names)
    for name in names:
        WRITERS[name](result)
