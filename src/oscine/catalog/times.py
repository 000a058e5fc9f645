"""Times of annotations: seconds, or a clock from the recording's start, as text or numbers."""

from __future__ import annotations

import polars as pl


def seconds(column: pl.Series) -> pl.Series:
    """Read times.

    Args:
        column: Seconds (`12.5`, also with a decimal comma), a clock (`MM:SS`, `HH:MM:SS.5`), or
            Polars' times and durations.

    Returns:
        Seconds; null where the value is no time.

    Example:
        >>> seconds(pl.Series("start", ["7.25", "7,25", "01:05", "00:00:05", "soon"])).to_list()
        [7.25, 7.25, 65.0, 5.0, None]
    """
    if column.dtype in (pl.Time, pl.Duration):
        # As text a time would lose its fraction.
        return column.cast(pl.Duration("ns")).dt.total_nanoseconds() / 1e9
    parts = pl.col(column.name).str.replace_all(",", ".", literal=True).str.split(":")
    values = parts.list.eval(pl.element().str.strip_chars().cast(pl.Float64, strict=False))
    hours, minutes, rest = (_part(values, place) for place in (2, 1, 0))
    total = hours * 3600.0 + minutes * 60.0 + rest
    is_time = (values.list.len() <= 3) & total.is_finite()
    table = column.cast(pl.String).to_frame()
    return table.select(pl.when(is_time).then(total).alias(column.name)).to_series()


def _part(values: pl.Expr, place: int) -> pl.Expr:
    """Give a part of a clock, from the right; one that is not there is 0, one that is none null."""
    there = pl.when(values.list.len() > place)
    return there.then(values.list.get(-1 - place, null_on_oob=True)).otherwise(0.0)
