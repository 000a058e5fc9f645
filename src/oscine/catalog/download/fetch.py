"""Fetching one file so that a cut connection or a killed run costs only what was not yet written.

Bytes go to a partial file; beside it stands what the server said of the whole (its size and its
entity tag). Where the server takes ranges, a later request asks for the rest, on condition that
the file is still the same (RFC 9110, `Range`, `If-Range`, `Content-Range`). A file gets its name
when it is whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from oscine.catalog.download.client import Client
from oscine.core import AudioError, DownloadError, Reason, write_json

BLOCK = 1 << 14
"""Bytes written at once; when a connection is cut, up to so many are fetched again."""

ATTEMPTS = 4
"""How often a connection may be cut without a byte more, before the file is given up for now."""

GONE = (404, 410)
FORBIDDEN = (401, 403, 451)

TEXT_TYPES = ("text/", "application/json", "application/xml", "application/xhtml")
"""Beginnings of the content types that are no sound."""


class _CutShortError(Exception):
    """The connection ended before the file did."""


@dataclass(frozen=True)
class _Partial:
    """A file that is not whole yet, and what the server said of the whole."""

    path: Path

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def whole(self) -> dict[str, Any]:
        """Give `tag` and `size` of the whole, null where unknown."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return {"tag": note["tag"], "size": note["size"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {"tag": None, "size": None}

    def begin(self, tag: str | None, size: int | None) -> None:
        self.remove()
        write_json(self._note, {"tag": tag, "size": size})

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path.replace(target)
        self._note.unlink(missing_ok=True)


def fetch_file(client: Client, url: str, target: Path, partial: Path) -> int:
    """Fetch a file; go on with what an earlier attempt left.

    Args:
        client: Who asks.
        url: Where the file is.
        target: Where it shall stand.
        partial: Where it grows, on the same file system; a note stands beside it.

    Returns:
        The file's size, bytes.

    Raises:
        AudioError: The file cannot be had; its reason says why. What was got stays for later.
        OSError: The disk takes no more.
    """
    part = _Partial(partial)
    idle = 0
    while idle < ATTEMPTS:
        before = part.size()
        try:
            _fetch_rest(client, url, part)
        except _CutShortError:
            idle = 0 if part.size() > before else idle + 1
            continue
        except DownloadError as error:
            raise AudioError(error.what, reason=Reason.UNREACHABLE, where=error.where) from None
        size = part.size()
        if not size:
            part.remove()
            raise AudioError("the file has no bytes", reason=Reason.EMPTY, where=url)
        part.finish(target)
        return size
    whole = part.whole()["size"]
    raise AudioError(
        f"the connection was cut at {part.size()} of {whole or 'unknown'} bytes",
        reason=Reason.TRUNCATED,
        where=url,
    )


def _fetch_rest(client: Client, url: str, part: _Partial) -> None:
    """Ask for what is missing, and append it.

    Raises:
        _CutShortError: Bytes are missing still.
    """
    if part.size() and part.size() == part.whole()["size"]:
        return  # killed between its last byte and its name
    response = client.get(url, headers=_headers(part))
    with response:
        _refuse_errors(response, url)
        if response.status_code == 416 or not _continues(response, part):
            # What is here is no part of what is there now.
            part.remove()
            raise _CutShortError
        _refuse_text(response, url)
        if response.status_code == 200:
            part.begin(_strong_tag(response), _length(response))
        _append(response, part, url)
    whole = part.whole()["size"]
    if whole is not None and part.size() != whole:
        if part.size() > whole:
            part.remove()
        raise _CutShortError


def _headers(part: _Partial) -> dict[str, str]:
    # A compressed answer could be neither measured nor continued.
    headers = {"Accept-Encoding": "identity"}
    whole, size = part.whole(), part.size()
    if size and (whole["tag"] or whole["size"]):
        headers["Range"] = f"bytes={size}-"
        if whole["tag"]:
            headers["If-Range"] = whole["tag"]
    return headers


def _continues(response: requests.Response, part: _Partial) -> bool:
    """Tell whether an answer is the whole file, or the very rest of what is here."""
    if response.status_code != 206:
        return True
    stated = response.headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", stated)
    whole = part.whole()["size"]
    if found is None or int(found[1]) != part.size():
        return False
    return whole is None or found[3] in {"*", str(whole)}


def _refuse_errors(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status < 400 or status == 416:
        return
    said = f"{status} {response.reason}".strip()
    if status in GONE:
        raise AudioError(said, reason=Reason.MISSING, where=url)
    if status in FORBIDDEN:
        raise AudioError(said, reason=Reason.RESTRICTED, where=url)
    raise AudioError(said, reason=Reason.UNREACHABLE, where=url)


def _refuse_text(response: requests.Response, url: str) -> None:
    kind = response.headers.get("Content-Type", "").lower()
    if kind.startswith(TEXT_TYPES):
        raise AudioError(f"the server sent {kind}", reason=Reason.NOT_AUDIO, where=url)


def _append(response: requests.Response, part: _Partial, url: str) -> None:
    part.path.parent.mkdir(parents=True, exist_ok=True)
    first = part.size() == 0
    with part.path.open("ab") as stream:
        blocks = response.iter_content(BLOCK)
        while True:
            try:
                block = next(blocks, b"")
            except requests.RequestException as error:
                raise _CutShortError from error
            if first and block.lstrip()[:1] in {b"<", b"{"}:
                part.remove()
                raise AudioError("the server sent text", reason=Reason.NOT_AUDIO, where=url)
            if not block:
                return
            first = False
            stream.write(block)


def _length(response: requests.Response) -> int | None:
    stated = response.headers.get("Content-Length", "")
    return int(stated) if stated.isdigit() else None


def _strong_tag(response: requests.Response) -> str | None:
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
