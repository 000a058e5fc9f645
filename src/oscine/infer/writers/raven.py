"""Detections as Raven selection tables, one a recording, in `raven/`.

Source: the Raven Pro 1.6 user's manual, "Selection tables": tab-separated text with the columns
Selection, View, Channel, Begin Time (s), End Time (s), Low Freq (Hz), High Freq (Hz) and any
further ones.
"""

from __future__ import annotations

import polars as pl

from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output
from oscine.infer.writers.per_recording import by_recording, one_line

OUTPUT = "raven"


def write(result: ScanResult) -> None:
    """Write `raven/RECORDING.selections.txt` for each recording with a detection.

    The box of a selection spans all frequencies that the model hears: it says when, not how high.
    """
    with output(result.folder, OUTPUT) as folder:
        folder.mkdir()
        for name, rows in by_recording(result.detections()):
            table = selection_table(rows, result.f_min_hz, result.f_max_hz)
            path = folder / f"{name}.selections.txt"
            table.write_csv(path, separator="\t", float_precision=6)


def selection_table(rows: pl.DataFrame, f_min_hz: float, f_max_hz: float) -> pl.DataFrame:
    """Make one recording's selection table.

    Args:
        rows: Its detections.
        f_min_hz: Lower edge of each box, Hz.
        f_max_hz: Upper edge of each box, Hz.

    Returns:
        One row a detection, numbered from 1.
    """
    return rows.select(
        pl.int_range(1, pl.len() + 1).alias("Selection"),
        pl.lit("Spectrogram 1").alias("View"),
        pl.lit(1).alias("Channel"),
        pl.col("start_s").alias("Begin Time (s)"),
        pl.col("end_s").alias("End Time (s)"),
        pl.lit(f_min_hz).alias("Low Freq (Hz)"),
        pl.lit(f_max_hz).alias("High Freq (Hz)"),
        one_line("filepath").alias("Begin Path"),
        one_line("species_code").alias("Species"),
        one_line("common_name").alias("Common Name"),
        one_line("scientific_name").alias("Scientific Name"),
        pl.col("score").alias("Score"),
    )
