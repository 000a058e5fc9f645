"""BirdCLEF 2021: `train_metadata.csv`, and `train_short_audio/LABEL/FILE.ogg`.

The filename does not hold the folder: it is the label.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.layout import Layout, read_layout
from oscine.catalog.reading import SourceConfig

KIND = "birdclef2021"
DESCRIPTION = "BirdCLEF 2021: train_metadata.csv, train_short_audio/LABEL/FILE.ogg"

COLUMNS = (
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
    "date",
    "time",
    "url",
    "filename",
)

LAYOUT = Layout(
    table="train_metadata.csv",
    audio="train_short_audio",
    collection="21",
    columns={name: name for name in COLUMNS},
    label_folder=True,
)


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is.

    Returns:
        The recordings table.

    Raises:
        SourceError: The table or the audio is not what the year promises.
    """
    return read_layout(config, LAYOUT)
