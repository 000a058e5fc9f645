"""Audacity label tracks: `X.txt` is about the recording `X`, and each of its labels is a clip.

A text file is a label track when some line of it is a label; other texts are left alone, and named.
A label that is a point, as a key press makes it, has no length: the merge takes it out and says so.
"""

from __future__ import annotations

import polars as pl

from oscine.catalog.beside import AudioFolder, annotation_inputs, read_tables
from oscine.catalog.clips import place_clips
from oscine.catalog.reading import Inputs, SourceConfig
from oscine.catalog.selections import parse_labels

KIND = "audacity"
DESCRIPTION = "Audacity label tracks X.txt of recordings X, beside them or in a folder; clips"


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the tables, and the names of the recordings."""
    return annotation_inputs(config)


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is. `table` is a label track or a folder of them, `audio` the folder of
            the recordings; both are the catalog's folder by default.

    Returns:
        The recordings table: one row a label, by file and time.

    Raises:
        SourceError: There is no label track, a line of one is no label, or the audio is not there.
    """
    root = config.path / (config.audio or "")
    audio = AudioFolder(root)
    rows = [
        labels.rows.select(
            "line",
            "start_s",
            "end_s",
            primary_label="label",
            table=pl.lit(str(labels.path)),
            relative=pl.lit(audio.find(labels.path.with_suffix(""), labels.path)),
        )
        for labels in read_tables(config, parse_labels)
    ]
    return place_clips(pl.concat(rows), config, root)
