"""BirdCLEF 2020 (birdsong-recognition): `train.csv`, and `train_audio/CODE/FILE.mp3`.

The species code is `ebird_code`; `primary_label` holds names, and so do the secondary labels.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.layout import (
    COLUMNS_OF_2020,
    Layout,
    code_secondary_labels,
    layout_inputs,
    place,
    read_rows,
)
from oscine.catalog.reading import Inputs, SourceConfig

KIND = "birdclef2020"
DESCRIPTION = "BirdCLEF 2020 (birdsong-recognition): train.csv, train_audio/CODE/FILE.mp3"

LAYOUT = Layout(
    table="train.csv",
    audio="train_audio",
    collection="20",
    columns=COLUMNS_OF_2020,
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
    table = code_secondary_labels(read_rows(config, LAYOUT))
    path = pl.concat_str("primary_label", "filename", separator="/")
    root = config.path / (LAYOUT.audio if config.audio is None else config.audio)
    return place(table.with_columns(relative=path), config, root, LAYOUT.collection)
