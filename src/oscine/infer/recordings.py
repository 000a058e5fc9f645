"""Files, folders and globs -> the recordings to scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NoReturn

from upath import UPath

from oscine.core import (
    WEB,
    Location,
    RemoteError,
    ScanError,
    file_state,
    is_remote,
    list_files,
    list_matches,
    name_of,
    shown,
    texts_below,
)

AUDIO_SUFFIXES = frozenset(
    {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".wav", ".wma"}
)
"""What counts as a recording inside a folder; a file that is named itself may end in anything."""

_WILDCARDS = frozenset("*?[")


def find_recordings(paths: Iterable[Location]) -> list[Location]:
    """List the recordings that paths name, each once.

    Args:
        paths: Files, folders (searched deeply for audio) and globs with `*`, `?` or `[...]`; URLs
            too, but on the web `?` begins a query, and folders need an index page.

    Returns:
        Recordings in the order given, those of a folder or glob sorted by name. A file that does
        not exist is listed too: the scan finds it missing and goes on.

    Raises:
        ScanError: A folder or glob holds no recording, or a remote one cannot be listed.
    """
    found: dict[Location, Location] = {}
    for path in paths:
        for recording in _expand_remote(path) if is_remote(path) else _expand(path):
            found.setdefault(recording.absolute(), recording)
    if not found:
        raise ScanError("nothing to scan", fix="name recordings, folders or globs")
    return list(found.values())


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        recordings = sorted(_audio_under(path))
    elif not path.exists() and _WILDCARDS & set(str(path)):
        pattern = str(path.relative_to(path.anchor))
        matches = sorted(Path(path.anchor).glob(pattern))
        recordings = [one for match in matches for one in _matched(match)]
    else:
        return [path]
    return recordings or _none_here(path)


def _none_here(path: Location) -> NoReturn:
    raise ScanError(
        "no recording here",
        where=shown(path),
        fix=f"oscine knows {', '.join(sorted(AUDIO_SUFFIXES))}",
    )


def _expand_remote(url: UPath) -> list[UPath]:
    """Expand a URL; what has an audio file's name is one, and only what has not is listed."""
    wildcards = _WILDCARDS - ({"?"} if url.protocol in WEB else set())
    is_glob = bool(wildcards & set(url.path))
    try:
        if is_glob and file_state(url) is None:
            recordings = [match for match in list_matches(url) if _is_audio(name_of(match))]
        elif is_glob or _is_audio(name_of(url)):
            recordings = [url]
        elif names := list_files(url):
            texts = texts_below(url, [name for name in names if _is_audio(name)])
            recordings = [UPath(text) for text in texts]
        else:
            recordings = [] if str(url).endswith("/") else [url]
    except RemoteError as error:
        raise ScanError(error.what, where=error.where, fix=error.fix) from error
    return recordings or _none_here(url)


def _is_audio(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in AUDIO_SUFFIXES


def _matched(match: Path) -> list[Path]:
    return sorted(_audio_under(match)) if match.is_dir() else [match]


def _audio_under(folder: Path) -> Iterator[Path]:
    """Find the audio files below a folder; hidden ones are no recordings.

    Macs leave a `._NAME.WAV` beside each file that they copy to a memory card.
    """
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
            yield path
