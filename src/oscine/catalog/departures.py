"""Taking rows out of a recordings table so that each says why: nothing is lost without a reason."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from oscine.catalog.tables import DEPARTURES, RECORDINGS, conform, empty
from oscine.core import Reason


class Outcome(NamedTuple):
    """What a step kept and what it took out; together they are what it was given.

    Args:
        kept: Recordings that stay, in the order given.
        departures: One row a recording that left (DEPARTURES).
    """

    kept: pl.DataFrame
    departures: pl.DataFrame


def depart(
    table: pl.DataFrame,
    leaves: pl.Expr,
    reason: Reason,
    detail: pl.Expr,
    instead: pl.Expr | None = None,
) -> Outcome:
    """Take out the rows for which an expression holds.

    Args:
        table: Recordings; it may have further columns, for `leaves` and `detail` to use.
        leaves: True for the rows that leave; null counts as false.
        reason: Why they leave; it names the step too.
        detail: A text for each row that leaves: what it was compared with.
        instead: For each row that leaves, the recording_id of the row that stays in its place;
            None: no row does.

    Returns:
        The rows that stay, with the contract's columns, and the departures.

    Example:
        >>> from oscine.catalog.tables import RECORDINGS, empty
        >>> outcome = depart(empty(RECORDINGS), pl.lit(True), Reason.LICENSE, pl.lit(""))
        >>> len(outcome.departures)
        0
    """
    leaving = table.select(__leaves=leaves.fill_null(False)).to_series()
    if not leaving.any():
        # Most steps take nothing out of a large table: it is handed on, not copied.
        return Outcome(conform(table, RECORDINGS), empty(DEPARTURES))
    left = table.filter(leaving).with_columns(
        step=pl.lit(reason.value),
        reason=pl.lit(reason.value),
        detail=detail,
        instead=pl.lit(None) if instead is None else instead,
    )
    return Outcome(conform(table.filter(~leaving), RECORDINGS), conform(left, DEPARTURES))


def gather(*departures: pl.DataFrame) -> pl.DataFrame:
    """Concatenate departures, in the order of the steps."""
    return pl.concat([empty(DEPARTURES), *departures])
