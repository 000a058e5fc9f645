"""Detections as Audacity label files, one a recording, in `audacity/`.

Source: the Audacity manual, "Importing and exporting labels": start, end (s) and text, separated
by tabs, without a header.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.selections import scored_label
from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output
from oscine.infer.writers.per_recording import by_recording

OUTPUT = "audacity"


def write(result: ScanResult) -> None:
    """Write `audacity/RECORDING.txt` for each recording with a detection."""
    with output(result.folder, OUTPUT) as folder:
        folder.mkdir()
        for name, rows in by_recording(result.detections()):
            labels = label_table(rows)
            labels.write_csv(
                folder / f"{name}.txt",
                separator="\t",
                include_header=False,
                float_precision=6,
                quote_style="never",
            )


def label_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Make one recording's labels: start, end, and the species with its score.

    Example:
        >>> rows = pl.DataFrame({"start_s": [0.0], "end_s": [5.0], "species_code": ["brant"],
        ...     "common_name": ["Brant"], "score": [0.875]})
        >>> label_table(rows)["label"].item()
        'brant: Brant (0.875)'
    """
    return rows.select("start_s", "end_s", label=scored_label())
