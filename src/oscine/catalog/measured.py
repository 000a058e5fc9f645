"""What the audit measured of a file, in the recordings table, where all later steps look."""

from __future__ import annotations

import polars as pl

MEASURED = ("duration_s", "sample_rate", "content_hash")
"""Columns of the recordings table that the audit fills."""


def with_measurements(recordings: pl.DataFrame, audit: pl.DataFrame) -> pl.DataFrame:
    """Fill the columns that the audit measures.

    Args:
        recordings: Recordings.
        audit: Their audit (AUDIT).

    Returns:
        The same rows in the same order; null where the audit has no row, or no value.
    """
    facts = audit.select("recording_id", *MEASURED)
    joined = recordings.drop(MEASURED).join(
        facts, on="recording_id", how="left", maintain_order="left"
    )
    return joined.select(recordings.columns)


def heard_s() -> pl.Expr:
    """Give the length of a recording, or of the clip of it, s; null where the file was not audited.

    Example:
        >>> clips = pl.DataFrame({"start_s": [None, 4.0], "end_s": [None, 6.0],
        ...     "duration_s": [10.0, 10.0]})
        >>> clips.select(heard_s()).to_series().to_list()
        [10.0, 2.0]
    """
    end = pl.min_horizontal("end_s", "duration_s")
    return (end - pl.col("start_s").fill_null(0.0)).clip(0.0).alias("heard_s")
