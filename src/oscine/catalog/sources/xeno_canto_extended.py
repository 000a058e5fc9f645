"""Xeno-Canto extended: `train_extended.csv`, and `A-M/CODE/FILE.mp3`, `N-Z/CODE/FILE.mp3`.

It was published in two halves that share the table. A folder may hold both halves or one; rows
whose half is not there are left to the catalog that has it.
"""

from __future__ import annotations

import logging

import polars as pl

from oscine.catalog.layout import COLUMNS_OF_2020, Layout, code_secondary_labels, place, read_rows
from oscine.catalog.reading import SourceConfig
from oscine.core import SourceError

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
    root = config.path / (config.audio or "")
    present = [half for half in HALVES if (root / half).is_dir()]
    if not present and config.audio_required:
        raise SourceError(
            f"neither {HALVES[0]} nor {HALVES[1]} is there",
            where=root,
            fix="check the catalog's path, or set audio_required to false",
        )
    first_letter = pl.col("primary_label").str.slice(0, 1).str.to_lowercase()
    half = pl.when(first_letter <= "m").then(pl.lit(HALVES[0])).otherwise(pl.lit(HALVES[1]))
    rows = code_secondary_labels(read_rows(config, LAYOUT)).with_columns(half=half)
    table = rows.filter(pl.col("half").is_in(present or HALVES))
    if len(table) < len(rows):
        elsewhere = len(rows) - len(table)
        log.info("%s: %d rows belong to a half that is not there", config.name, elsewhere)
    path = pl.concat_str("half", "primary_label", "filename", separator="/")
    return place(table.with_columns(relative=path), config, root, LAYOUT.collection)
