"""Any CSV, TSV or Parquet table, with a mapping from our column names to its own.

Columns of ours that the mapping does not name are read when the table has them under our name. A
row with `start_s` and `end_s` (seconds, or a clock) is a clip. Several labels in one cell, joined
by `;`, are a row each, of which the others are secondary labels.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.clips import archive_or_own_id, hear_overlapping
from oscine.catalog.layout import Layout, place, read_rows
from oscine.catalog.reading import Inputs, SourceConfig, read_published
from oscine.catalog.tables import RECORDINGS
from oscine.core import SourceError

KIND = "table"
DESCRIPTION = "Any CSV, TSV or Parquet table; `columns` maps our names to its own"

NEEDED = ("primary_label", "filename")

MADE_HERE = frozenset(
    {
        "recording_id",
        "catalog",
        "birdclef",
        "filepath",
        "file_type",
        "published_label",
        "content_hash",
    }
)
"""Columns that follow from the others, and so cannot be mapped."""


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the table."""
    return Inputs(tables=(config.path / config.table,) if config.table else ())


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is; `table` must be given. `filename` is the path of a file below the
            audio folder.

    Returns:
        The recordings table.

    Raises:
        SourceError: The mapping does not fit the table, or the audio is not there.
    """
    if config.table is None:
        raise SourceError(
            "a catalog of kind `table` must say which table", where=config.name, fix="set `table`"
        )
    path = config.path / config.table
    columns = _mapping(config, read_published(path).columns)
    rows = read_rows(config, Layout(config.table, "", config.name, columns))
    given = [pl.col("xc_id")] if "xc_id" in rows.columns else []
    table = _one_label_each(rows).with_columns(relative="filename")
    table = table.with_columns(xc_id=pl.coalesce(*given, archive_or_own_id(config.name)))
    return hear_overlapping(place(table, config, config.path / (config.audio or "")))


def _one_label_each(rows: pl.DataFrame) -> pl.DataFrame:
    labels = pl.col("primary_label").str.split(";").list.eval(pl.element().str.strip_chars())
    labels = labels.list.eval(pl.element().filter(pl.element() != "")).list.unique(
        maintain_order=True
    )
    stated = [pl.col("secondary_labels")] if "secondary_labels" in rows.columns else []
    table = rows.with_columns(
        primary_label=labels, secondary_labels=pl.concat_list(*stated, labels)
    )
    return table.explode("primary_label")


def _mapping(config: SourceConfig, published: list[str]) -> dict[str, str]:
    """Complete the mapping by the columns that have our names already."""
    ours = [name for name in RECORDINGS if name not in MADE_HERE]
    unknown = sorted(set(config.columns) - set(ours))
    if unknown:
        raise SourceError(
            f"`columns` names {', '.join(unknown)}, which is no column of ours",
            where=config.name,
            fix=f"the choices are {', '.join(ours)}",
        )
    same_name = {name: name for name in ours if name in published}
    mapping = same_name | config.columns
    missing = [name for name in NEEDED if name not in mapping]
    if missing:
        raise SourceError(
            f"nothing says which column is {' or '.join(missing)}",
            where=config.name,
            fix=f"name it in `columns`; the table has {', '.join(published)}",
        )
    return mapping
