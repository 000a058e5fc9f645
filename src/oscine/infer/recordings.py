"""Files, folders and globs -> the recordings to scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from oscine.core import ScanError

AUDIO_SUFFIXES = frozenset(
    {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".wav", ".wma"}
)
"""What counts as a recording inside a folder; a file that is named itself may end in anything."""

_WILDCARDS = frozenset("*?[")


def find_recordings(paths: Iterable[Path]) -> list[Path]:
    """List the recordings that paths name, each once.

    Args:
        paths: Files, folders (searched deeply for audio) and globs with `*`, `?` or `[...]`.

    Returns:
        Recordings in the order given, those of a folder or glob sorted by name. A file that does
        not exist is listed too: the scan finds it missing and goes on.

    Raises:
        ScanError: A folder or glob holds no recording.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for recording in _expand(path):
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
    if not recordings:
        raise ScanError(
            "no recording here", where=path, fix=f"oscine knows {', '.join(sorted(AUDIO_SUFFIXES))}"
        )
    return recordings


def _matched(match: Path) -> list[Path]:
    return sorted(_audio_under(match)) if match.is_dir() else [match]


def _audio_under(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
            yield path
