"""What a recordings table holds, counted: the numbers behind the report's tables and bars."""

from __future__ import annotations

import polars as pl

FIRST_COLUMNS = (
    "filename",
    "filepath",
    "primary_label",
    "secondary_labels",
    "rating",
    "author",
    "file_type",
    "xc_id",
    "scientific_name",
    "common_name",
    "birdclef",
    "bird_seen",
)
"""The columns that the reference recipe shows."""


def counts_by_catalog(recordings: pl.DataFrame) -> pl.DataFrame:
    """Count by catalog.

    Returns:
        Columns catalog, birdclef, recordings, classes, recordists; by catalog.
    """
    return (
        recordings.group_by("catalog", "birdclef")
        .agg(
            recordings=pl.len(),
            classes=pl.col("primary_label").n_unique(),
            recordists=pl.col("author").drop_nulls().n_unique(),
        )
        .sort("catalog", "birdclef")
    )


def counts_by_class(recordings: pl.DataFrame) -> pl.DataFrame:
    """Count by class.

    Returns:
        Columns primary_label, recordings, recordists, secondary (rows of others that hear it
        too); the most frequent first.
    """
    secondary = recordings.select(primary_label=pl.col("secondary_labels").explode()).drop_nulls()
    heard = secondary.group_by("primary_label").agg(secondary=pl.len())
    return (
        recordings.group_by("primary_label")
        .agg(recordings=pl.len(), recordists=pl.col("author").drop_nulls().n_unique())
        .join(heard, on="primary_label", how="left")
        .with_columns(pl.col("secondary").fill_null(0))
        .sort("recordings", "primary_label", descending=[True, False])
    )


def first_rows(recordings: pl.DataFrame, n_rows: int = 5) -> pl.DataFrame:
    """Give the first rows with the columns that are worth showing.

    Args:
        recordings: Recordings.
        n_rows: How many.
    """
    return recordings.select(FIRST_COLUMNS).head(n_rows)
