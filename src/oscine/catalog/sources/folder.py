"""A plain folder of recordings: one subfolder a species, its name is the label.

File names such as `3.mp3` say nothing across folders, so a recording's id is its path; a name that
is an archive's id (XC12345, also in Xeno-Canto's download form `XC12345 - Bird - Avis avis.mp3`)
stays that id, so that it is known again in other catalogs.
"""

from __future__ import annotations

import logging
from pathlib import PurePosixPath

import polars as pl

from oscine.catalog.layout import ARCHIVE_ID, place
from oscine.catalog.reading import AUDIO_EXTENSIONS, Inputs, SourceConfig, as_source_error
from oscine.core import WEB, Location, SourceError, is_remote, list_files

log = logging.getLogger("oscine")

KIND = "folder"
DESCRIPTION = "A folder a species, each with audio files; the folder's name is the label"

WHOLE_ARCHIVE_ID = rf"^({ARCHIVE_ID})(?: - .*)?$"


def inputs(config: SourceConfig) -> Inputs:
    """Say what the rows follow from: the names of the audio files."""
    return Inputs(names=tuple(_audio_files(_root(config))))


def read(config: SourceConfig) -> pl.DataFrame:
    """Read the catalog.

    Args:
        config: Where it is; the audio must be there, since there is no table.

    Returns:
        The recordings table, in the order of the paths.

    Raises:
        SourceError: The folder is not there, or no subfolder has audio files.
    """
    root = _root(config)
    if not is_remote(root) and not root.is_dir():
        raise SourceError("the folder is not there", where=root, fix="check the catalog's path")
    names = _audio_files(root)
    placed = [name for name in names if "/" in name]
    if len(placed) < len(names):
        n_loose = len(names) - len(placed)
        log.warning("%s: %d files lie in no species folder, ignored", root, n_loose)
    if not placed:
        fix = "put one folder a species there"
        if is_remote(root) and root.protocol in WEB:
            fix = "a web server must show index pages of its folders; else use `source: table`"
        raise SourceError("no subfolder has audio files", where=root, fix=fix)
    relative = pl.col("relative")
    stem = relative.str.split("/").list.last().str.replace(r"\.[^.]*$", "")
    own_id = pl.lit(f"{config.name}/") + relative.str.replace(r"\.[^./]*$", "")
    table = pl.DataFrame({"relative": placed}).with_columns(
        primary_label=relative.str.split("/").list.first(),
        xc_id=pl.coalesce(stem.str.extract(WHOLE_ARCHIVE_ID), own_id),
    )
    return place(table, config, root)


def _root(config: SourceConfig) -> Location:
    return config.path / config.audio if config.audio else config.path


def _audio_files(root: Location) -> list[str]:
    """List the audio files below a folder, hidden ones left out, as paths below it."""
    with as_source_error():
        names = [PurePosixPath(name) for name in list_files(root)]
    known = (name for name in names if name.suffix.lower().lstrip(".") in AUDIO_EXTENSIONS)
    return [str(name) for name in known if not any(part.startswith(".") for part in name.parts)]
