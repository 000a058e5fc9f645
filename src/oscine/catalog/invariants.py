"""What holds within each row of the recordings table; the error that names the row where not."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oscine.core import CatalogError

INVARIANTS: Mapping[str, pl.Expr] = {
    "end_s is not after start_s": pl.col("end_s") <= pl.col("start_s").fill_null(0.0),
    "latitude and longitude do not stand together": (
        pl.col("latitude").is_null() != pl.col("longitude").is_null()
    ),
    "the primary label is a secondary one too": (
        pl.col("secondary_labels").list.contains(pl.col("primary_label"))
    ),
    "a secondary label is empty": (
        pl.col("secondary_labels").list.contains(pl.lit(None, pl.String))
        | pl.col("secondary_labels").list.contains(pl.lit(""))
    ),
    "the primary label is empty": pl.col("primary_label") == "",
    "license is blank; a licence that is not stated is null": (
        pl.col("license").str.strip_chars() == ""
    ),
}
"""What may hold for no row of a recordings table that is written or read. A source may give a clip
without length: the merge takes it out, and says so."""


def check_invariants(table: pl.DataFrame, where: object = None) -> None:
    """Check what must hold within each row of a recordings table that the merge has been through.

    Args:
        table: Recordings.
        where: What to name in an error.

    Raises:
        CatalogError: A rule of INVARIANTS is broken; the first row that breaks it is named.
    """
    rules = (rule.fill_null(False).alias(what) for what, rule in INVARIANTS.items())
    for rows in table.select(rules):
        if rows.any():
            raise broken(rows.name, table, rows, where)


def broken(what: str, table: pl.DataFrame, rows: pl.Series, where: object) -> CatalogError:
    """Make the error that names the first row which breaks a rule.

    Args:
        what: What is wrong.
        table: The table.
        rows: Which of its rows it is wrong in, true or false.
        where: What else to name.
    """
    row = rows.arg_max()
    ids = table["recording_id"] if "recording_id" in table.columns else None
    named = "" if ids is None or row is None else f" ({ids[row]})"
    return CatalogError(f"{what}: {int(rows.sum())} rows, first in row {row}{named}", where=where)
