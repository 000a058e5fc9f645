"""Whether the audio that a catalog's table names is there: a look, not a count.

A file that is missing among others is the audit's matter.
"""

from __future__ import annotations

import logging

import polars as pl

from oscine.catalog.reading import SourceConfig, as_source_error
from oscine.core import WEB, Location, SourceError, file_states, is_remote, list_files, texts_below

log = logging.getLogger("oscine")

LOOKED_AT = 20
"""About how many rows, over the whole table, must lack their file for a layout to be wrong."""


def require_audio(config: SourceConfig, root: Location, relative: pl.Series) -> None:
    """Fail when the audio is required and plainly not there; warn when it is not required.

    Args:
        config: The catalog.
        root: Folder of the audio.
        relative: Paths of its files below `root`.

    Raises:
        SourceError: There is no such folder, or none of the files looked for is in it.
    """
    if not config.audio_required:
        log.warning(
            "CATALOG %s: AUDIO NOT REQUIRED. Its files are not looked for and not audited: "
            "duplicates by content, silent and corrupt files stay unseen.",
            config.name,
        )
        return
    fix = "check the catalog's path, or set audio_required to false to work on the table alone"
    if not is_remote(root) and not root.is_dir():
        raise SourceError("the folder of audio is not there", where=root, fix=fix)
    looked_at = spread(relative)
    if not files_there(root, looked_at):
        raise SourceError(
            f"none of {len(looked_at)} files of the table that were looked for is in the folder "
            f"of audio, such as {looked_at[0]}",
            where=root,
            fix=fix,
        )


def spread(relative: pl.Series) -> list[str]:
    """Choose about `LOOKED_AT` rows, spread over the whole table."""
    return relative.gather_every(1 + len(relative) // LOOKED_AT).to_list()


def files_there(root: Location, names: list[str]) -> set[str]:
    """Tell which of some files are there.

    A bucket is listed once, which tells the version of every file on the way. A web server need
    not list its folders, so there each name is asked for.

    Args:
        root: A local folder or a URL.
        names: Paths below it.

    Returns:
        Those of `names` that are there.

    Raises:
        SourceError: The place is refused, or cannot be reached.
    """
    if not is_remote(root):
        return {name for name in names if (root / name).exists()}
    with as_source_error():
        if root.protocol in WEB:
            states = file_states(texts_below(root, names))
            return {name for name, state in zip(names, states, strict=True) if state is not None}
        return set(list_files(root)).intersection(names)
