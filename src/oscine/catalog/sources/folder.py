"""A plain folder of recordings: one subfolder a species, its name is the label.

File names such as `3.mp3` say nothing across folders, so a recording's id is its path; a name that
is an archive's id (XC12345, also in Xeno-Canto's download form `XC12345 - Bird - Avis avis.mp3`)
stays that id, so that it is known again in other catalogs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from oscine.catalog.layout import ARCHIVE_ID, place
from oscine.catalog.reading import AUDIO_EXTENSIONS, SourceConfig
from oscine.core import SourceError

log = logging.getLogger("oscine")

KIND = "folder"
DESCRIPTION = "A folder a species, each with audio files; the folder's name is the label"

WHOLE_ARCHIVE_ID = rf"^({ARCHIVE_ID})(?: - .*)?$"


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is; the audio must be there, since there is no table.

    Returns:
        The recordings table, in the order of the paths.

    Raises:
        SourceError: The folder is not there, or no subfolder has audio files.
    """
    root = config.path / (config.audio or "")
    if not root.is_dir():
        raise SourceError("the folder is not there", where=root, fix="check the catalog's path")
    paths = [path.relative_to(root) for path in _audio_files(root)]
    loose = [path for path in paths if len(path.parts) == 1]
    if loose:
        log.warning("%s: %d files lie in no species folder, ignored", root, len(loose))
    placed = sorted(path.as_posix() for path in paths if len(path.parts) > 1)
    if not placed:
        raise SourceError(
            "no subfolder has audio files", where=root, fix="put one folder a species there"
        )
    relative = pl.col("relative")
    stem = relative.str.split("/").list.last().str.replace(r"\.[^.]*$", "")
    own_id = pl.lit(f"{config.name}/") + relative.str.replace(r"\.[^./]*$", "")
    table = pl.DataFrame({"relative": placed}).with_columns(
        primary_label=relative.str.split("/").list.first(),
        xc_id=pl.coalesce(stem.str.extract(WHOLE_ARCHIVE_ID), own_id),
    )
    return place(table, config, root)


def _audio_files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        known = path.suffix.lower().lstrip(".") in AUDIO_EXTENSIONS
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if known and not hidden and path.is_file():
            yield path
