"""Xeno-Canto extended: `train_extended.csv`, and `A-M/CODE/FILE.mp3`, `N-Z/CODE/FILE.mp3`.

It was published in two halves that share the table. A folder may hold both halves or one; rows
whose half is not there are left to the catalog that has it.
"""

from __future__ import annotations

import logging

import polars as pl

from oscine.catalog.layout import (
    COLUMNS_OF_2020,
    Layout,
    code_secondary_labels,
    layout_inputs,
    place,
    read_rows,
)
from oscine.catalog.presence import files_there, spread
from oscine.catalog.reading import Inputs, SourceConfig
from oscine.core import Location, SourceError, is_remote

log = logging.getLogger("oscine")

KIND = "xeno_canto_extended"
DESCRIPTION = "Xeno-Canto extended: train_extended.csv, A-M and N-Z/CODE/FILE.mp3"

HALVES = ("A-M", "N-Z")

LAYOUT = Layout(
    table="train_extended.csv",
    audio="",
    collection="xc",
    columns=COLUMNS_OF_2020,
)


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the table, and which halves are on this machine."""
    root = _root(config)
    halves = () if is_remote(root) else tuple(h for h in HALVES if (root / h).is_dir())
    return Inputs(layout_inputs(config, LAYOUT).tables, halves)


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is.

    Returns:
        The recordings table: the rows of the halves that are there; all rows when the audio is not
        required and neither half is there.

    Raises:
        SourceError: The table or the audio is not what the kind promises.
    """
    root = _root(config)
    first_letter = pl.col("primary_label").str.slice(0, 1).str.to_lowercase()
    half = pl.when(first_letter <= "m").then(pl.lit(HALVES[0])).otherwise(pl.lit(HALVES[1]))
    path = pl.concat_str("half", "primary_label", "filename", separator="/")
    rows = code_secondary_labels(read_rows(config, LAYOUT))
    rows = rows.with_columns(half=half).with_columns(relative=path)
    present = _present(root, rows)
    if not present and config.audio_required:
        raise SourceError(
            f"neither {HALVES[0]} nor {HALVES[1]} is there",
            where=root,
            fix="check the catalog's path, or set audio_required to false",
        )
    table = rows.filter(pl.col("half").is_in(present or HALVES))
    if len(table) < len(rows):
        elsewhere = len(rows) - len(table)
        log.info("%s: %d rows belong to a half that is not there", config.name, elsewhere)
    return place(table, config, root, LAYOUT.collection)


def _root(config: SourceConfig) -> Location:
    return config.path / config.audio if config.audio else config.path


def _present(root: Location, rows: pl.DataFrame) -> list[str]:
    """List the halves that are there; a remote one is known by the files of its rows."""
    if not is_remote(root):
        return [half for half in HALVES if (root / half).is_dir()]
    names = rows.select("half", "relative").partition_by("half", as_dict=True)
    there = files_there(
        root, [name for part in names.values() for name in spread(part["relative"])]
    )
    return [half for half in HALVES if any(name.startswith(f"{half}/") for name in there)]
