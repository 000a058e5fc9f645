"""Asking remote places what they hold: one listing a folder, and a version for every file.

What a listing or a question told of a file is remembered, so that fetching it asks nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from oscine.core.artifacts import fingerprint
from oscine.core.backends import file_system, translated
from oscine.core.errors import RemoteError
from oscine.core.locations import WEB, Location, is_remote, location, shown, texts_below
from oscine.core.parallel import map_ordered

if TYPE_CHECKING:
    from upath import UPath

LISTED_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "az", "adl", "memory"})
"""Protocols that list all that is below a prefix at once; others are walked folder by folder."""

VERSIONS = (
    "etag",
    "generation",
    "md5hash",
    "content-md5",
    "digest",
    "lastmodified",
    "last-modified",
    "last_modified",
    "updated",
    "mtime",
    "modified",
    "created",
)
"""What tells one version of a file from the next, the surest first, by the back-ends' names."""

ASKING_THREADS = 16
"""Questions under way at once: waiting for answers takes no processor."""


class Entry(NamedTuple):
    """What a remote place tells of a file: its size in bytes, and a name of its version."""

    size: int | None
    version: str


_seen: dict[str, Entry] = {}


def look(url: UPath) -> Entry:
    """Ask for a file's size and version.

    Raises:
        RemoteError: There is no such file, it is refused, or nobody could be asked.
        MissingExtraError: The package for its protocol is not installed.
    """
    with translated(url):
        info = file_system(url).info(url.path)
    if info["type"] == "directory":
        raise RemoteError("this is a folder, not a file", kind="missing", where=shown(url))
    return _remember(str(url), info)


def known(url: UPath) -> Entry | None:
    """Give what this process was told of a file last; None: nothing yet."""
    return _seen.get(str(url))


def file_state(where: str | Location) -> tuple[int, int | str] | None:
    """Give what tells a file from a later one of its name: size, and time (ns) or version.

    Returns:
        The state; None where there is no such file.

    Raises:
        RemoteError: It is refused, or nobody could be asked.
    """
    place = location(where)
    if not is_remote(place):
        try:
            status = place.stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns
    try:
        entry = look(place)
    except RemoteError as error:
        if error.kind == "missing":
            return None
        raise
    return -1 if entry.size is None else entry.size, entry.version


def file_states(places: Iterable[str | Location]) -> list[tuple[int, int | str] | None]:
    """Give the states of files, in order; remote ones are asked for many at a time."""
    asked = list(places)
    if any("://" in str(place) for place in asked):
        return list(map_ordered(file_state, asked, ASKING_THREADS))
    return [file_state(place) for place in asked]


def list_files(folder: Location) -> list[str]:
    """List all files below a folder, however deep.

    Args:
        folder: A local folder, or a URL. A web server must show an index page of each folder.

    Returns:
        Paths below the folder, with `/`, sorted; none when there is no such folder.

    Raises:
        RemoteError: It is refused, or nobody could be asked.
        MissingExtraError: The package for its protocol is not installed.
    """
    if not is_remote(folder):
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found)
    return sorted(list_entries(folder))


def list_entries(folder: UPath) -> Mapping[str, Entry]:
    """List all files below a remote folder with what is told of each.

    Returns:
        Path below the folder -> entry; empty when there is no such folder.

    Raises:
        RemoteError: It is refused, or nobody could be asked.
    """
    try:
        with translated(folder):
            infos = dict(_below(folder))
    except RemoteError as error:
        if error.kind == "missing":
            return {}
        raise
    texts = texts_below(folder, list(infos))
    pairs = zip(texts, infos.items(), strict=True)
    return {name: _remember(text, info) for text, (name, info) in pairs}


def _below(folder: UPath) -> Iterator[tuple[str, dict[str, Any]]]:
    system, web = file_system(folder), folder.protocol in WEB
    root = f"{folder.path.rstrip('/')}/"
    system.invalidate_cache()
    if folder.protocol in LISTED_WHOLE:
        infos: Iterable[dict[str, Any]] = system.find(root.rstrip("/"), detail=True).values()
    else:
        infos = _walk(system, root)
    for info in infos:
        name = info["name"].removeprefix(root)
        if info["type"] == "file" and name != info["name"] and name:
            yield unquote(name) if web else name, info


def _walk(system: Any, root: str) -> Iterator[dict[str, Any]]:
    """Walk through folders; unlike fsspec's own walk, one that cannot be listed is an error."""
    waiting, done = [root], set()
    while waiting:
        folder = waiting.pop()
        done.add(folder)
        for info in system.ls(folder, detail=True):
            name = info["name"].rstrip("/")
            if info["type"] != "directory":
                # The links of an index page that sort it are no files.
                if not name.removeprefix(folder).startswith(("?", "#")):
                    yield info
            elif name.startswith(folder) and ".." not in name and f"{name}/" not in done:
                waiting.append(f"{name}/")


def list_matches(url: UPath) -> list[UPath]:
    """List the files that a URL with wildcards matches, and all below the folders that it matches.

    Args:
        url: With `*`, `**`, `[...]`, and except on the web `?`.

    Raises:
        RemoteError: A folder is refused, or nobody could be asked.
    """
    from fsspec.utils import glob_translate
    from upath import UPath

    web = url.protocol in WEB
    fixed = re.split(r"[*\[]" if web else r"[*?\[]", str(url))[0].rpartition("/")[0]
    pattern = str(url).removeprefix(f"{fixed}/")
    if web:
        pattern = unquote(pattern).replace("?", "[?]")
    matches = re.compile(glob_translate(pattern)).match
    folder = UPath(fixed)
    names = [
        name
        for name in list_files(folder)
        if matches(name) or any(matches(str(parent)) for parent in PurePosixPath(name).parents)
    ]
    return [UPath(text) for text in texts_below(folder, names)]


def _remember(text: str, info: Mapping[str, Any]) -> Entry:
    told = {name.lower(): value for name, value in info.items()}
    value = next((told[name] for name in VERSIONS if told.get(name)), "")
    if isinstance(value, datetime):
        value = value.timestamp()
    size = told.get("size")
    entry = Entry(size, fingerprint(size, str(value)) if value or size is not None else "")
    if entry.version:
        _seen[text] = entry
    return entry
