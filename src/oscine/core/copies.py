"""Local copies of remote files: each is fetched once, whole, and read from disk ever after.

A copy is named by a hash of its URL and by the version that the remote place tells, so a file that
changed is fetched again. It appears by a rename, so that a killed download leaves no half file; two
processes that fetch the same file do it twice, and do no harm. What was not read for longest leaves
when the copies outgrow their budget.

Decoding over the network instead would ask for a block at every seek (an mp3 is read from many
places), and again in every epoch.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from oscine.core.artifacts import atomic_path, fingerprint
from oscine.core.backends import file_system, translated
from oscine.core.errors import ArtifactError, ConfigError, RemoteError
from oscine.core.locations import Location, is_remote, location, name_of, shown
from oscine.core.parallel import map_ordered
from oscine.core.remote import Entry, known, look

if TYPE_CHECKING:
    from upath import UPath

log = logging.getLogger("oscine")

P = TypeVar("P", bound="str | Location")
R = TypeVar("R")

FOLDER_VARIABLE = "OSCINE_CACHE"
"""Environment variable: where copies stand; default: `oscine` in the user's cache folder."""

BUDGET_VARIABLE = "OSCINE_CACHE_GB"
"""Environment variable: the most that copies may take, GB (1e9 bytes)."""

BUDGET_GB = 100.0
"""The budget where none is set: a few years of BirdCLEF."""

WAITS_S = (1.0, 4.0)
"""Before what was cut off is tried again; the web back-end itself tries once."""

IN_USE_S = 600.0
"""A copy that was read this recently does not leave."""

FETCHING_THREADS = 8
"""Downloads under way at once when many files are read in order."""


def local_file(where: str | Location) -> Path:
    """Give the local path of a file; a remote one is fetched first, unless its copy is current.

    Args:
        where: A path, which is given back as it is, or a URL.

    Returns:
        A local path. A copy is not to be written to.

    Raises:
        RemoteError: There is no such file, it is refused, or it cannot be reached. A copy that is
            there serves when nobody can be asked whether it is current.
        ArtifactError: The disk is full.
        MissingExtraError: The package for its protocol is not installed.
    """
    place = location(where)
    return copies().file(place) if is_remote(place) else place


def fetched_ahead(places: Iterable[P]) -> Iterator[P]:
    """Fetch remote files a few ahead of their reader.

    Args:
        places: Paths and URLs.

    Yields:
        The same, in order; what could not be fetched says so when it is read.
    """
    waiting = list(places)
    if any("://" in str(place) for place in waiting):
        yield from map_ordered(_fetched, waiting, FETCHING_THREADS)
    else:
        yield from waiting


def _fetched(place: P) -> P:
    with suppress(RemoteError):
        local_file(place)
    return place


def copies() -> Copies:
    """Open the copies that the environment names.

    Raises:
        ConfigError: The budget is no number above 0.
    """
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "oscine"
    text = os.environ.get(BUDGET_VARIABLE) or str(BUDGET_GB)
    try:
        budget_gb = float(text)
    except ValueError:
        budget_gb = 0.0
    if not budget_gb > 0:
        raise ConfigError(f"{text!r} is no size in GB", where=BUDGET_VARIABLE, fix="set it to 100")
    return _opened(Path(os.environ.get(FOLDER_VARIABLE) or usual) / "remote", budget_gb)


class Copies:
    """The copies in one folder; safe to use from many threads and processes.

    Args:
        folder: Where they stand.
        budget_gb: The most that they may take, GB (1e9 bytes).
    """

    def __init__(self, folder: Path, budget_gb: float) -> None:
        self.folder = folder
        self.budget_gb = budget_gb
        self._locks = [threading.Lock() for _ in range(64)]
        self._room = threading.Lock()
        self._bytes: int | None = None
        self._silent: set[str] = set()

    def file(self, url: UPath) -> Path:
        """Give the path of a file's current copy; see `local_file`."""
        key = fingerprint(str(url))
        with self._locks[int(key, 16) % len(self._locks)]:
            entry = known(url)
            if entry and (path := self._path(url, entry)).exists():
                return _touched(path)
            held = sorted((self.folder / key[:2]).glob(f"{key}.*"), key=_last_read)
            if entry is None and (entry := self._ask(url, bool(held))) is None:
                return _touched(held[-1])
            path = self._path(url, entry)
            if not path.exists():
                path = self._fetch(url, entry)
            for old in held:
                if old != path:
                    with suppress(OSError):  # another process may have been first
                        old.unlink()
        return path

    def _ask(self, url: UPath, is_held: bool) -> Entry | None:
        """Ask for a file's version; None: nobody answers, and there is a copy."""
        if not is_held:
            return _patiently(lambda: look(url))
        if _host(url) in self._silent:
            return None
        try:
            return look(url)
        except RemoteError as error:
            if error.kind != "unreachable":
                raise
            self._silent.add(_host(url))
            log.warning("%s; the copies here are used as they are", error)
            return None

    def _path(self, url: UPath, entry: Entry) -> Path:
        key = fingerprint(str(url))
        return self.folder / key[:2] / f"{key}.{entry.version or 'unknown'}{_suffix(url)}"

    def _fetch(self, url: UPath, entry: Entry) -> Path:
        self._make_room(entry.size or 0)
        try:
            path = _download(url, entry, self._path(url, entry))
        except RemoteError as error:
            if error.kind != "unreachable":
                raise
            log.info("fetch: %s", error)
            path = _patiently(lambda: self._fetch_anew(url))
        with self._room:
            if self._bytes is not None:
                self._bytes += path.stat().st_size
        return path

    def _fetch_anew(self, url: UPath) -> Path:
        entry = look(url)  # it may have changed since it was asked about
        return _download(url, entry, self._path(url, entry))

    def _make_room(self, wanted: int) -> None:
        """Let the copies leave that were not read for longest, until one more fits."""
        with self._room:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ArtifactError(
                    "the folder for copies of remote files cannot be made",
                    where=self.folder,
                    fix=f"set {FOLDER_VARIABLE} to a folder that you may write to",
                ) from error
            if self._bytes is None:
                self._bytes = sum(path.stat().st_size for path in self._files())
            budget = self.budget_gb * 1e9
            if self._bytes + wanted > budget:
                self._evict(budget * 0.9 - wanted)
        if wanted > (free := shutil.disk_usage(self.folder).free):
            raise ArtifactError(
                f"the copy of a remote file needs {wanted / 1e9:.2f} GB, the disk has "
                f"{free / 1e9:.2f}",
                where=self.folder,
                fix=f"set {FOLDER_VARIABLE} to a folder on a larger disk, or lower "
                f"{BUDGET_VARIABLE}",
            )

    def _evict(self, aim: float) -> None:
        n_gone, now = 0, time.time()
        rows = sorted((_last_read(path), path.stat().st_size, path) for path in self._files())
        total = sum(size for _, size, _ in rows)
        for read_at, size, path in rows:
            if total <= aim or now - read_at < IN_USE_S:
                break
            with suppress(OSError):
                path.unlink()
                total -= size
                n_gone += 1
        self._bytes = total
        if n_gone:
            log.warning(
                "copies of remote files: %d left, the budget of %g GB is used up (%s)",
                n_gone,
                self.budget_gb,
                BUDGET_VARIABLE,
            )

    def _files(self) -> list[Path]:
        return [path for path in self.folder.glob("??/*") if path.is_file()]


_opened = cache(Copies)


def _download(url: UPath, entry: Entry, path: Path) -> Path:
    with atomic_path(path) as partial:
        with translated(url):
            file_system(url).get_file(url.path, str(partial))
        size = partial.stat().st_size
        if entry.size is not None and size != entry.size:
            raise RemoteError(
                f"{size} bytes came of {entry.size}",
                kind="unreachable",
                where=shown(url),
                fix="run again",
            )
    return path


def _patiently(attempt: Callable[[], R]) -> R:
    """Try again, after some seconds, what fails because nobody answers."""
    for wait_s in WAITS_S:
        try:
            return attempt()
        except RemoteError as error:
            if error.kind != "unreachable":
                raise
            log.info("%s; once more in %g s", error.what, wait_s)
        time.sleep(wait_s)
    return attempt()


def _host(url: UPath) -> str:
    return "/".join(str(url).split("/", 3)[:3])


def _suffix(url: UPath) -> str:
    """Give the file extension, by which tables and weights are told apart."""
    suffix = Path(name_of(str(url))).suffix
    return suffix if re.fullmatch(r"\.\w{1,12}", suffix) else ""


def _last_read(path: Path) -> float:
    try:
        status = path.stat()
    except OSError:
        return 0.0
    return max(status.st_atime, status.st_mtime)


def _touched(path: Path) -> Path:
    """Note that a copy is read: many disks do not, or only once a day."""
    status = path.stat()
    if time.time() - status.st_atime > 60.0:
        os.utime(path, ns=(time.time_ns(), status.st_mtime_ns))
    return path
