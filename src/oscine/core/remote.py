"""Asking remote places what they hold, through fsspec: one listing a folder, one error for all.

The back-ends fail each in its own words; here they become `RemoteError`, which says whether nothing
is there, it is refused, or nobody could be asked. What a listing or a question told of a file is
remembered, so that fetching it asks nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

import fsspec
from upath import UPath

from oscine.core.artifacts import fingerprint
from oscine.core.errors import MissingExtraError, OscineError, RemoteError
from oscine.core.locations import WEB, Location, is_remote, location, shown, texts_below
from oscine.core.parallel import map_ordered

PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
}
"""What the extra `remote` brings: protocol -> package."""

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

LOGIN = {
    "gs": "log in (`gcloud auth application-default login`), or set FSSPEC_GS_TOKEN=anon for a "
    "public bucket",
    "s3": "set AWS_PROFILE, or the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of someone who may "
    "read it, or FSSPEC_S3_ANON=true for a public bucket",
    "https": "put the login into ~/.netrc, or fetch it by other means and give the local path",
}
"""What to do about a refusal."""

REFUSALS = frozenset(
    {
        "PermissionError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "DefaultCredentialsError",
        "RefreshError",
    }
)
"""Errors of the back-ends, by name, that mean: not for you."""

CUT_OFF = frozenset(
    {
        "ConnectionError",
        "TimeoutError",
        "gaierror",
        "ClientConnectionError",
        "ClientPayloadError",
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
    }
)
"""Errors of the back-ends, by name, that mean: no answer, or half of one."""

PASSING = frozenset({408, 425, 429})
"""Statuses that ask for patience and say nothing of the file."""

ASKING_THREADS = 16
"""Questions under way at once: waiting for answers takes no processor."""

SILENCE_S = 60.0
"""How long a web server may send nothing before it counts as unreachable."""


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


def seen(url: UPath) -> Entry:
    """Tell what is known of a file; ask only if nothing is.

    Raises:
        RemoteError: As for `look`.
    """
    return _seen.get(str(url)) or look(url)


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
    """List the files and folders that a URL with `*`, `?` or `[...]` matches; `?` not on the web.

    Raises:
        RemoteError: It is refused, or nobody could be asked.
    """
    with translated(url):
        system = file_system(url)
        system.invalidate_cache()
        infos = system.glob(url.path, detail=True)
    prefix = "" if url.protocol in WEB else f"{url.protocol}://"
    found = []
    for name, info in sorted(infos.items()):
        text = f"{prefix}{name.rstrip('/').removeprefix('/') if prefix else name}"
        if info["type"] == "file":
            _remember(text, info)
        found.append(UPath(text))
    return found


def file_system(url: UPath) -> Any:
    """Open the fsspec file system of a URL; its settings are fsspec's (environment, files).

    Raises:
        ImportError: Its package is not installed.
    """
    options = dict(url.storage_options)
    if url.protocol in WEB:
        import aiohttp

        # aiohttp's own limit is five minutes a file, which an hour of recording may need.
        limit = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_S, sock_read=SILENCE_S)
        options = {"client_kwargs": {"timeout": limit, "trust_env": True}} | options
    return fsspec.filesystem(url.protocol, **options)


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


@contextmanager
def translated(url: UPath) -> Iterator[None]:
    """Turn whatever a back-end raises into `RemoteError` or `MissingExtraError`."""
    try:
        yield
    except OscineError:
        raise
    except ImportError as error:
        if package := PACKAGES.get(url.protocol):
            raise MissingExtraError("remote", package) from error
        raise RemoteError(str(error), kind="unreachable", where=shown(url)) from error
    except Exception as error:
        raise _translation(error, url) from error


def _translation(error: Exception, url: UPath) -> RemoteError:
    where, status = shown(url), _status(error)
    kinds = {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}
    cut_off = status in PASSING or (status is None and kinds & CUT_OFF)
    if status in {404, 410} or (not cut_off and status is None and "FileNotFoundError" in kinds):
        return RemoteError("nothing is there", kind="missing", where=where, fix="check the address")
    if not cut_off and (kinds & REFUSALS or 400 <= (status or 0) < 500):
        said = f" (status {status})" if status else ""
        fix = LOGIN.get({"gcs": "gs", "s3a": "s3", "http": "https"}.get(url.protocol, url.protocol))
        return RemoteError(f"access is refused{said}", kind="refused", where=where, fix=fix)
    return RemoteError(
        f"it cannot be reached: {f'status {status}' if status else _said(error)}",
        kind="unreachable",
        where=where,
        fix="check the network and the address, then run again: what was fetched is kept",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those behind it; fsspec hides a lost connection behind "not found"."""
    behind: BaseException | None = error
    while behind is not None:
        yield behind
        behind = behind.__cause__ or behind.__context__


def _status(error: Exception) -> int | None:
    """Find the HTTP status that a back-end was answered with."""
    for one in _chain(error):
        for name in ("status", "code"):
            value = getattr(one, name, None)
            if isinstance(value, int) and 400 <= value < 600:
                return value
    return None


def _said(error: Exception) -> str:
    *_, last = _chain(error)
    # The texts of back-ends may hold the address, and that a key.
    text = re.sub(r"\?\S*", "?...", re.sub(r"//[^/@\s]*@", "//", str(last)))
    return f"{text or 'no answer'} ({type(last).__name__})"
