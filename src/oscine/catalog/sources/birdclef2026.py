"""BirdCLEF+ 2026: `train.csv`, and `train_audio/LABEL/FILE.ogg`.

The filename holds the folder. Labels may be numeric texts (iNaturalist's taxon) as in 2025.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.layout import COLUMNS_SINCE_2021, Layout, read_layout
from oscine.catalog.reading import SourceConfig

KIND = "birdclef2026"
DESCRIPTION = "BirdCLEF+ 2026: train.csv, train_audio/LABEL/FILE.ogg"

LAYOUT = Layout(
    table="train.csv",
    audio="train_audio",
    collection="26",
    columns=COLUMNS_SINCE_2021,
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
