"""Writing one file a recording into a folder that is replaced as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from oscine.core import fingerprint, name_of

MAX_NAME_BYTES = 200
"""File systems take names of 255 bytes; the rest is for what the formats put behind."""

_CONTROL = r"[\x00-\x1f\x7f]"


def by_recording(detections: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Split detections by recording.

    Args:
        detections: As `detections.parquet`.

    Yields:
        A file name that is unique in the scan and the recording's detections. Recordings of one
        name in several folders get a short hash of their path, as do those whose name no file
        system would take with a suffix, or that holds a line break; case does not part names.
    """
    names = detections.select("filepath", "filename").unique()["filename"].str.to_lowercase()
    shared = set(names.filter(names.is_duplicated()).to_list())
    for (filepath,), rows in detections.group_by("filepath", maintain_order=True):
        name = name_of(str(filepath))
        plain = re.sub(_CONTROL, "_", name).encode()[:MAX_NAME_BYTES].decode(errors="ignore")
        unique = plain == name and name.lower() not in shared
        yield (name if unique else f"{plain}.{fingerprint(str(filepath))[:6]}"), rows


def one_line(column: str) -> pl.Expr:
    """Give a text column with a space for each tab or line break, which would part its cell."""
    return pl.col(column).str.replace_all(_CONTROL, " ")
