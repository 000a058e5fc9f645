"""BirdCLEF 2023: `train_metadata.csv`, and `train_audio/LABEL/FILE.ogg`.

The filename holds the folder.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.layout import COLUMNS_SINCE_2021, Layout, layout_inputs, read_layout
from oscine.catalog.reading import Inputs, SourceConfig

KIND = "birdclef2023"
DESCRIPTION = "BirdCLEF 2023: train_metadata.csv, train_audio/LABEL/FILE.ogg"

LAYOUT = Layout(
    table="train_metadata.csv",
    audio="train_audio",
    collection="23",
    columns=COLUMNS_SINCE_2021,
)


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the table."""
    return layout_inputs(config, LAYOUT)


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
