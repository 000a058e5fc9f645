"""Writing one file a recording into a folder that is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oscine.core import fingerprint, name_of


def by_recording(detections: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Split detections by recording.

    Args:
        detections: As `detections.parquet`.

    Yields:
        A file name that is unique in the scan and the recording's detections. Recordings of one
        name in several folders get a short hash of their path.
    """
    names = detections.select("filepath", "filename").unique()["filename"]
    shared = set(names.filter(names.is_duplicated()).to_list())
    for (filepath,), rows in detections.group_by("filepath", maintain_order=True):
        name = name_of(str(filepath))
        yield (f"{name}.{fingerprint(str(filepath))[:6]}" if name in shared else name), rows
