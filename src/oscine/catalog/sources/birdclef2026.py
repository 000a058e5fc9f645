"""BirdCLEF+ 2026: `train.csv`, and `train_audio/LABEL/FILE.ogg`.

The filename holds the folder. Labels may be numeric texts (iNaturalist's taxon) as in 2025.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.layout import COLUMNS_SINCE_2021, Layout, layout_inputs, read_layout
from oscine.catalog.reading import Inputs, SourceConfig

KIND = "birdclef2026"
DESCRIPTION = "BirdCLEF+ 2026: train.csv, train_audio/LABEL/FILE.ogg"

LAYOUT = Layout(
    table="train.csv",
    audio="train_audio",
    collection="26",
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
