"""Xeno-Canto: what matches a query, by its API v3.

Source: https://xeno-canto.org/explore/api. A query consists of tags, such as `gen:larus cnt:spain
q:A`; a request needs a key, and brings a page of at most 500 recordings. Answers are kept as they
came. A later run asks for the first page only, and takes the others from the folder while they are
of the same listing, that is while they state the same number of recordings and species.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import polars as pl
import requests

from oscine.catalog.download.client import Client
from oscine.catalog.download.listing import UNKNOWN_FILE_TYPE, file_type, make_listing
from oscine.core import ConfigError, DownloadError, fingerprint, track, write_json, write_text

ARCHIVE = "xeno-canto"

SERVER = "https://xeno-canto.org/api/3/recordings"

KEY_VARIABLE = "XENO_CANTO_KEY"
"""The variable of the environment that holds the key."""

HOW_TO_GET_A_KEY = (
    f"take yours from https://xeno-canto.org/account (an account is free), "
    f"and set it by `export {KEY_VARIABLE}=...`"
)

PER_PAGE = 500
"""Recordings a page; the most that the API allows."""

RATINGS = {"A": "5", "B": "4", "C": "3", "D": "2", "E": "1"}
"""Quality -> rating; `no score` has none. The tables of BirdCLEF do the same."""

ATTEMPTS = 3
"""How often a page is asked for when its connection is cut."""


@dataclass(frozen=True)
class Found:
    """What matches a query.

    Args:
        listing: The recordings listed.
        n_recordings: Recordings that match, as the API states; more than the listing has when
            enough were listed.
        n_species: Species that match, as the API states.
    """

    listing: pl.DataFrame
    n_recordings: int
    n_species: int


def read_key(environment: Mapping[str, str] | None = None) -> str:
    """Read the key of the API from the environment.

    Raises:
        ConfigError: It is not set.
    """
    key = (os.environ if environment is None else environment).get(KEY_VARIABLE, "").strip()
    if not key:
        raise ConfigError("Xeno-Canto's API needs a key", where=KEY_VARIABLE, fix=HOW_TO_GET_A_KEY)
    return key


class XenoCanto:
    """Asks Xeno-Canto's API.

    Args:
        client: Who asks; the key must be among its secrets.
        key: The key of the API.
        server: Address of the API, or of a mirror.
        pages: Folder where answers are kept.
    """

    def __init__(self, client: Client, key: str, pages: Path, server: str = SERVER) -> None:
        self._client = client
        self._key = key
        self._pages = pages
        self._server = server

    def find(self, query: str, enough: Callable[[pl.DataFrame], bool] | None = None) -> Found:
        """List the recordings that match a query.

        Args:
            query: Tags, such as `gen:larus q:A`.
            enough: Tells of what is listed so far whether it is enough; null: never.

        Returns:
            The listing; it ends early when it was enough.

        Raises:
            ConfigError: The key or the query is refused, or nothing matches.
            DownloadError: The API does not answer, or not as it promises.
        """
        folder = self._pages / fingerprint(self._server, query)
        first = self._ask(query, 1)
        state = first["numRecordings"], first["numSpecies"]
        if not int(state[0]):
            raise ConfigError("no recording matches", where=query, fix="see the tags of the query")
        write_json(folder / "query.json", {"server": self._server, "query": query})
        parts: list[pl.DataFrame] = []
        n_pages = int(first["numPages"])
        for number in track(range(1, n_pages + 1), "list", n_pages, unit="pages"):
            path = folder / f"page-{number:05d}.json"
            stored = _stored(path, state)
            page = first if number == 1 else stored or self._ask(query, number)
            if page != stored:
                write_text(path, json.dumps(page, ensure_ascii=False, indent=1) + "\n")
            rows = [_row(one, self._server) for one in page["recordings"]]
            parts.append(make_listing(rows, self._server))
            if enough is not None and enough(_one(parts)):
                break
        return Found(_one(parts), int(state[0]), int(state[1]))

    def _ask(self, query: str, page: int) -> dict[str, Any]:
        parameters = {"query": query, "key": self._key, "per_page": str(PER_PAGE)}
        for _ in range(ATTEMPTS):
            try:
                with self._client.get(
                    self._server, parameters={**parameters, "page": str(page)}
                ) as response:
                    return self._checked(response, query)
            except requests.RequestException:
                continue
        raise DownloadError(
            f"the connection was cut while page {page} was read, {ATTEMPTS} times",
            where=self._server,
            fix="run it again later: it goes on",
        )

    def _checked(self, response: requests.Response, query: str) -> dict[str, Any]:
        status, text = response.status_code, self._client.redact(response.text)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        said = _message(answer) or f"status {status}"
        if status in {401, 403}:
            raise ConfigError(
                f"Xeno-Canto refuses the key: {said}", where=KEY_VARIABLE, fix=HOW_TO_GET_A_KEY
            )
        if 400 <= status < 500 and status != 429:
            raise ConfigError(
                f"Xeno-Canto refuses the query: {said}",
                where=query,
                fix="a query is made of tags, such as gen:turdus sp:merula cnt:spain q:A",
            )
        if status != 200 or not _is_page(answer):
            raise DownloadError(
                f"the API answers with {said}"
                if status != 200
                else "the answer is no page of Xeno-Canto's API v3",
                where=self._server,
                fix="run it again later: it goes on",
            )
        return dict(answer)


def _one(parts: list[pl.DataFrame]) -> pl.DataFrame:
    # What is uploaded while pages are read moves recordings on to the next page.
    return pl.concat(parts).unique("xc_id", keep="first", maintain_order=True)


def _message(answer: Any) -> str | None:
    """Read what an error says: `message` stands beside `error`, or within it."""
    if not isinstance(answer, dict):
        return None
    inner = answer.get("error")
    said = answer.get("message") or (inner.get("message") if isinstance(inner, dict) else inner)
    return str(said) if said else None


def _is_page(answer: Any) -> bool:
    return (
        isinstance(answer, dict)
        and all(str(answer.get(name)).isdigit() for name in _COUNTS)
        and isinstance(answer.get("recordings"), list)
        and all(
            isinstance(one, dict) and str(one.get("id")).isdigit() for one in answer["recordings"]
        )
    )


_COUNTS = ("numRecordings", "numSpecies", "numPages")


def _stored(path: Path, state: tuple[Any, Any]) -> dict[str, Any] | None:
    """Read a stored page, if it is one of this listing."""
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = _is_page(page) and (page["numRecordings"], page["numSpecies"]) == state
    return page if same else None


def _row(stated: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Turn a recording of the API into a row of a listing."""

    def text(*names: str) -> str | None:
        values = (stated.get(name) for name in names)
        return next((str(value).strip() for value in values if value not in (None, "")), None)

    def address(name: str) -> str | None:
        stated_address = text(name)
        return None if stated_address is None else urljoin(server, stated_address)

    quality, seen = text("q"), text("animal-seen", "bird-seen")
    return {
        "xc_id": f"XC{stated['id']}",
        "file_url": address("file"),
        "file_type": file_type(text("file-name")) or file_type(text("file")) or UNKNOWN_FILE_TYPE,
        "stated_name": " ".join(filter(None, (text("gen"), text("sp")))) or None,
        "subspecies": text("ssp"),
        "common_name": text("en"),
        "secondary_labels": [str(one) for one in stated.get("also") or [] if one],
        "type": [text("type") or ""],
        "quality": quality,
        "rating": RATINGS.get(quality or ""),
        "author": text("rec"),
        "license": address("lic"),
        "url": address("url"),
        "latitude": text("lat"),
        "longitude": text("lon", "lng"),
        "site": text("loc"),
        "country": text("cnt"),
        "date": text("date"),
        "time": text("time"),
        "bird_seen": seen if seen in {"yes", "no"} else None,
        "sex": text("sex"),
        "stage": text("stage"),
        "method": text("method"),
        "duration_s": _seconds(text("length")),
    }


def _seconds(length: str | None) -> str | None:
    """Turn `4:13` or `1:02:03` into seconds."""
    parts = (length or "").split(":")
    if not all(part.isdigit() for part in parts):
        return None
    return str(sum(int(part) * 60**place for place, part in enumerate(reversed(parts))))
