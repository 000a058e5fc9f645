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
    # A part that is not there counts nothing; one that is no number makes the whole null.
    total = sum(
        pl.when(values.list.len() > place)
        .then(values.list.get(-1 - place, null_on_oob=True) * 60.0**place)
        .otherwise(0.0)
        for place in range(3)
    )
    is_time = (values.list.len() <= 3) & total.is_finite()
    table = column.cast(pl.String).to_frame()
    return table.select(pl.when(is_time).then(total).alias(column.name)).to_series()
