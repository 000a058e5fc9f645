"""Detections as a results table for Kaleidoscope Pro's viewer, in `kaleidoscope.csv`.

Source: Wildlife Acoustics, Kaleidoscope Pro user guide: a row of its cluster and ID tables names a
recording by INDIR, FOLDER and IN FILE, a stretch of it by OFFSET and DURATION (s) and by Fmin and
Fmax (Hz); TOP1MATCH is the classifier's name for it, MANUAL ID is left to the viewer's user.
Further columns are kept and shown.
"""

from __future__ import annotations

import polars as pl

from oscine.core import location, name_of
from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output

OUTPUT = "kaleidoscope.csv"


def write(result: ScanResult) -> None:
    """Write `kaleidoscope.csv`; the box of a row spans all frequencies that the model hears."""
    table = results_table(result.detections(), result.f_min_hz, result.f_max_hz)
    with output(result.folder, OUTPUT) as partial:
        table.write_csv(partial, float_precision=6)


def results_table(detections: pl.DataFrame, f_min_hz: float, f_max_hz: float) -> pl.DataFrame:
    """Make the results table.

    Args:
        detections: As `detections.parquet`.
        f_min_hz: Lower edge of each box, Hz.
        f_max_hz: Upper edge of each box, Hz.

    Returns:
        One row a detection: Kaleidoscope's columns, then ours, whose names tell their units.
    """
    paths = detections["filepath"].unique(maintain_order=True).to_list()
    places = pl.DataFrame(
        [(path, *_place(path)) for path in paths],
        schema=dict.fromkeys(("filepath", "INDIR", "FOLDER", "IN FILE"), pl.String),
        orient="row",
    )
    return detections.join(places, on="filepath", how="left", maintain_order="left").select(
        "INDIR",
        "FOLDER",
        "IN FILE",
        pl.col("start_s").alias("OFFSET"),
        (pl.col("end_s") - pl.col("start_s")).alias("DURATION"),
        pl.lit(f_min_hz).alias("Fmin"),
        pl.lit(f_max_hz).alias("Fmax"),
        pl.col("species_code").alias("TOP1MATCH"),
        pl.lit(None, dtype=pl.String).alias("MANUAL ID"),
        *("start_s", "end_s", "species_code", "scientific_name", "common_name", "score"),
    )


def _place(filepath: str) -> tuple[str, str, str]:
    """Part a recording's path: what lies above its folder, its folder, its name."""
    folder = location(filepath).absolute().parent
    return str(folder.parent), folder.name, name_of(filepath)
