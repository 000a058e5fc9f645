"""Which files of a folder are mixed in: backgrounds and recorded responses. Free of torch."""

from __future__ import annotations

from pathlib import PurePosixPath

from oscine.catalog.reading import AUDIO_EXTENSIONS
from oscine.core import Location, list_files, location, texts_below


def list_sounds(folder: Location) -> list[Location]:
    """List the recordings below a folder, however deep.

    Args:
        folder: A local folder, or a URL.

    Returns:
        Their locations, in the order of their names; none when there is no such folder.

    Raises:
        RemoteError: A remote folder is refused, or cannot be reached.
    """
    names = [
        name
        for name in list_files(folder)
        if PurePosixPath(name).suffix.lower().lstrip(".") in AUDIO_EXTENSIONS
    ]
    return [location(text) for text in texts_below(folder, names)]
