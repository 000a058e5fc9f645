"""The layout of a published catalog: a table, a folder of audio, and how a row finds its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from oscine.catalog.presence import require_audio
from oscine.catalog.reading import Inputs, SourceConfig, pick_columns, read_published, typed
from oscine.catalog.tables import RECORDINGS, conform
from oscine.core import Location, SourceError, texts_below

ARCHIVE_ID = r"(?:XC|iNat|CSA)\d+"
"""A recording's id in a public archive: the same id is the same recording in any catalog."""

COLUMNS_OF_2020: Mapping[str, str] = {
    "primary_label": "ebird_code",
    "label_name": "primary_label",
    "secondary_labels": "secondary_labels",
    "scientific_name": "sci_name",
    "common_name": "species",
    "type": "type",
    "rating": "rating",
    "author": "author",
    "license": "license",
    "url": "url",
    "latitude": "latitude",
    "longitude": "longitude",
    "site": "location",
    "date": "date",
    "time": "time",
    "bird_seen": "bird_seen",
    "filename": "filename",
}
"""Our column name -> that of the tables of 2020, which hold the code under another name."""

COLUMNS_SINCE_2021: Mapping[str, str] = {
    name: name
    for name in (
        "primary_label",
        "secondary_labels",
        "type",
        "latitude",
        "longitude",
        "scientific_name",
        "common_name",
        "author",
        "license",
        "rating",
        "url",
        "filename",
    )
}
"""The columns that every competition since 2021 has, under our names; some have more."""


@dataclass(frozen=True)
class Layout:
    """How one kind of catalog is laid out.

    Args:
        table: The table within the catalog's folder.
        audio: The folder of audio within the catalog's folder.
        collection: Short name of the collection, such as '23'.
        columns: Our column name -> theirs; the table must have all of them.
        label_folder: Whether files stand in a folder by label that their filename does not name.
    """

    table: str
    audio: str
    collection: str
    columns: Mapping[str, str]
    label_folder: bool = False


def read_layout(config: SourceConfig, layout: Layout) -> pl.DataFrame:
    """Read a catalog that consists of one table and one folder of audio.

    Args:
        config: Where it is.
        layout: What its kind promises.

    Returns:
        The recordings table.

    Raises:
        SourceError: The table or the audio is not what the layout promises.
    """
    table = read_rows(config, layout)
    path = pl.col("filename")
    if layout.label_folder:
        path = pl.concat_str("primary_label", "filename", separator="/")
    root = config.path / (layout.audio if config.audio is None else config.audio)
    return place(table.with_columns(relative=path), config, root, layout.collection)


def layout_inputs(config: SourceConfig, layout: Layout) -> Inputs:
    """Say what the rows of a catalog that is laid out so follow from: its table."""
    return Inputs(tables=(config.path / (config.table or layout.table),))


def read_rows(config: SourceConfig, layout: Layout) -> pl.DataFrame:
    """Read the rows of a catalog's table: our names and types, no paths yet.

    Raises:
        SourceError: The table is missing, lacks a column, or has a row without label or file name.
    """
    where = config.path / (config.table or layout.table)
    table = typed(pick_columns(read_published(where), layout.columns, where), where)
    for name in ("primary_label", "filename"):
        rows = table[name].is_null().arg_true()
        if len(rows):
            theirs = layout.columns[name]
            raise SourceError(
                f"{len(rows)} rows have no {theirs}, first in row {rows[0] + 1}", where=where
            )
    return table


def code_secondary_labels(table: pl.DataFrame) -> pl.DataFrame:
    """Turn secondary labels from names to codes where the table itself knows the code.

    The tables of 2020 write `Empidonax alnorum_Alder Flycatcher` in both label columns, and have
    the code in a third.

    Args:
        table: Typed columns, and `label_name`: the name that stands for the row's own label.

    Returns:
        The same rows without `label_name`; names that the table has no code for stay.
    """
    pairs = table.select("label_name", "primary_label").drop_nulls().unique().sort(pl.all())
    codes = dict(pairs.iter_rows())
    labels = pl.col("secondary_labels").list.eval(pl.element().replace(codes))
    return table.drop("label_name").with_columns(
        secondary_labels=labels.list.unique(maintain_order=True)
    )


def place(
    table: pl.DataFrame, config: SourceConfig, root: Location, collection: str | None = None
) -> pl.DataFrame:
    """Give rows their ids and paths, and look whether the audio is there.

    Args:
        table: Typed columns, and `relative`: the path of the file below `root`. Where it has
            `xc_id`, that stands; else the id is the base name without extension.
        config: The catalog.
        root: Folder of the audio.
        collection: Short name of the collection; null: the catalog's name.

    Returns:
        The recordings table.

    Raises:
        SourceError: The audio is required, and its folder, or every file looked for, is not there.
    """
    require_audio(config, root, table["relative"])
    table = table.with_columns(
        filename=pl.col("relative").str.split("/").list.last(),
        filepath=pl.Series(texts_below(root, table["relative"].to_list()), dtype=pl.String),
        recording_id=_recording_ids(table, config.name),
        catalog=pl.lit(config.name),
        birdclef=pl.lit(collection or config.name),
    )
    stem = pl.col("filename").str.replace(r"\.[^.]*$", "")
    table = table.with_columns(
        file_type=pl.col("filename").str.extract(r"\.([^.]*)$").str.to_lowercase(),
        xc_id=pl.coalesce("xc_id", stem) if "xc_id" in table.columns else stem,
    )
    return _clean_secondary(conform(table, RECORDINGS))


def _recording_ids(table: pl.DataFrame, name: str) -> pl.Series:
    """Make ids from paths; clips of one file and rows that repeat it get a suffix."""
    identity = pl.lit(f"{name}/") + pl.col("relative")
    if "start_s" in table.columns:
        clip = pl.format("#{}-{}", pl.col("start_s"), pl.col("end_s").fill_null(float("inf")))
        identity = identity + clip.fill_null("")
    ids = table.select(identity=identity)
    count = pl.int_range(pl.len()).over("identity") + 1
    again = pl.when(count > 1).then(pl.format("#{}", count)).otherwise(pl.lit(""))
    return ids.select(recording_id=pl.col("identity") + again).to_series()


def _clean_secondary(table: pl.DataFrame) -> pl.DataFrame:
    """A label is either primary or secondary; an unstated list is an empty one."""
    labels = pl.col("secondary_labels").fill_null([])
    primary = pl.concat_list("primary_label")
    repeats = labels.list.contains(pl.col("primary_label"))
    kept = pl.when(repeats).then(labels.list.set_difference(primary)).otherwise(labels)
    return table.with_columns(secondary_labels=kept, type=pl.col("type").fill_null([]))
