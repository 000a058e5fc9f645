"""BirdCLEF's labelled training soundscapes, 2021 and 2026: a table, and `train_soundscapes/FILE`.

Each label of a row of the table is a clip; the row's other labels are its secondary labels. Rows
that say `nocall` are clips of that label, and so of a class, unless `merge.exclude_labels` has it.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.beside import files_below
from oscine.catalog.clips import place_clips
from oscine.catalog.reading import (
    AUDIO_EXTENSIONS,
    Inputs,
    SourceConfig,
    as_source_error,
    read_published,
)
from oscine.catalog.soundscape_labels import parse_soundscape_labels
from oscine.core import Location, file_state

KIND = "birdclef_soundscapes"
DESCRIPTION = "Labelled soundscapes of BirdCLEF 2021 or 2026: train_soundscapes/FILE; clips"

TABLE_OF_2021 = "train_soundscape_labels.csv"
TABLE_OF_2026 = "train_soundscapes_labels.csv"

DATE = r"_(\d{8})(?:_|\.|$)"
"""The date in a file name of either year."""

SITE, TIME = r"_(S\d+)_\d{8}_\d{6}", r"_S\d+_\d{8}_(\d{6})"
"""Site and time in a file name of 2026, such as `BC2026_Train_0001_S05_20250227_010002.ogg`."""


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the table, and in 2021 the names of the recordings."""
    where = _table(config)
    if where.name != TABLE_OF_2021:
        return Inputs(tables=(where,))
    names = files_below(_root(config), AUDIO_EXTENSIONS)
    return Inputs(tables=(where,), names=tuple(map(str, names)))


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is: the folder of a competition.

    Returns:
        The recordings table: one row a label, by file and time.

    Raises:
        CatalogError: The table or the audio is not what the years promise.
    """
    where = _table(config)
    labels = parse_soundscape_labels(read_published(where), where)
    labels = labels.rename({"label": "primary_label"}).with_columns(table=pl.lit(where.name))
    root = _root(config)
    if "filename" not in labels.columns:
        return place_clips(_of_2021(labels, root), config, root, "21")
    name = pl.col("filename")
    rows = labels.with_columns(
        relative=name, site=name.str.extract(SITE), time=name.str.extract(TIME)
    )
    return place_clips(rows.with_columns(date=name.str.extract(DATE)), config, root, "26")


def _table(config: SourceConfig) -> Location:
    if config.table is not None:
        return config.path / config.table
    with as_source_error():
        is_older = file_state(config.path / TABLE_OF_2021) is not None
    return config.path / (TABLE_OF_2021 if is_older else TABLE_OF_2026)


def _root(config: SourceConfig) -> Location:
    return config.path / (config.audio or "train_soundscapes")


def _of_2021(labels: pl.DataFrame, root: Location) -> pl.DataFrame:
    """Name the files: `28933_SSW_20170408.ogg` is what the table calls audio_id 28933, site SSW."""
    files = {
        "_".join(path.stem.split("_")[:2]): path.as_posix()
        for path in files_below(root, AUDIO_EXTENSIONS)
    }
    named = pl.format("{}_{}", "audio_id", "site")
    relative = named.replace_strict(files, default=named + ".ogg", return_dtype=pl.String)
    return labels.with_columns(relative=relative).with_columns(
        date=pl.col("relative").str.extract(DATE)
    )
