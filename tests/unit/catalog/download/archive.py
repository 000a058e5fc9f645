"""A local server that replays what archives are documented to answer, and fails as they do.

The recording is the documented example of Xeno-Canto's API v3, with other values. An error is
`{"error": ..., "message": ...}` with status 401 for the key and 400 for the query.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "k+y/0123456789abcdef"
"""It changes when it stands in an address, so that both forms are looked for."""

API = "/api/3/recordings"


def recording(number: int, **changes: Any) -> dict[str, Any]:
    """Make a recording as the API states it; `-` stands for `_` in the names of `changes`."""
    stated = {
        "id": str(number),
        "gen": "Turdus",
        "sp": "merula",
        "ssp": "",
        "grp": "birds",
        "en": "Common Blackbird",
        "rec": "Ann Ear",
        "cnt": "Spain",
        "loc": "Prado, Madrid",
        "lat": "40.4",
        "lon": "-3.7",
        "alt": "650",
        "type": "song, male",
        "sex": "male",
        "stage": "adult",
        "method": "field recording",
        "url": f"//xeno-canto.org/{number}",
        "file": f"/{number}/download",
        "file-name": f"XC{number}-190503-blackbird.mp3",
        "sono": {"small": "", "med": "", "large": "", "full": None},
        "osci": {"small": None, "med": None, "large": None},
        "lic": "//creativecommons.org/licenses/by-nc-sa/4.0/",
        "q": "A",
        "length": "1:05",
        "time": "07:17",
        "date": "2019-05-03",
        "uploaded": "2019-06-29",
        "also": ["Erithacus rubecula"],
        "rmk": 'Says "twit", then\r\nmore.',
        "animal-seen": "yes",
        "playback-used": "no",
        "temp": None,
        "regnr": "",
        "auto": "no",
        "dvc": "",
        "mic": "",
        "smp": "48000",
        "annotation-set": [],
    }
    return stated | {name.replace("_", "-"): value for name, value in changes.items()}


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with one request.

    Args:
        status: The status that is answered.
        headers: Further header lines.
        body: What is sent; null: what is asked for.
        cut_after: Bytes of the body after which the connection ends; null: all.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut_after: int | None = None


class Archive:
    """Files, recordings, and the requests that came.

    Args:
        page_size: Recordings a page; null: what `per_page` asks for.
        ranges: Whether a part of a file may be asked for.
    """

    def __init__(self, page_size: int | None = None, ranges: bool = True) -> None:
        self.page_size = page_size
        self.ranges = ranges
        self.recordings: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.kinds: dict[str, str] = {}
        self.troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Archive:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def offer(self, *recordings: dict[str, Any], body: bytes = b"ID3" + bytes(range(256)) * 8):
        """Offer recordings, and the file of each that has one."""
        for one in recordings:
            self.recordings.append(one)
            if one["file"]:
                self.files[one["file"]] = body

    def count(self, path: str) -> int:
        """Count the requests for a path."""
        return sum(urlsplit(asked).path == path for asked, _ in self.asked)

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, str, bytes]:
        """Give status, content type and body."""
        if path == API:
            status, data = self._page(query)
            return status, "application/json", json.dumps(data).encode()
        if path in self.files:
            return 200, self.kinds.get(path, "audio/mpeg"), self.files[path]
        return 404, "text/html", b"<html>not found</html>"

    def _page(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if query.get("key") != [KEY]:
            said = "Missing or invalid 'key' parameter. Visit https://xeno-canto.org/account"
            return 401, {"error": "client_error", "message": said}
        if ":" not in query["query"][0]:
            return 400, {"error": "client_error", "message": "Only tags are accepted"}
        size = self.page_size or int(query["per_page"][0])
        page = int(query["page"][0])
        species = {(one["gen"], one["sp"]) for one in self.recordings}
        return 200, {
            "numRecordings": str(len(self.recordings)),
            "numSpecies": str(len(species)),
            "page": page,
            "numPages": max(1, -(-len(self.recordings) // size)),
            "recordings": self.recordings[(page - 1) * size : page * size],
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        archive = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                archive.asked.append((self.path, dict(self.headers)))
                parts = urlsplit(self.path)
                trouble = Trouble()
                if archive.troubles[parts.path]:
                    trouble = archive.troubles[parts.path].popleft()
                status, kind, body = archive.answer(parts.path, parse_qs(parts.query))
                if trouble.status != 200:
                    status, kind = trouble.status, "text/plain"
                if trouble.body is not None:
                    body = trouble.body
                headers = {"ETag": f'"{hash(body)}"'} | trouble.headers
                wanted = self.headers.get("Range", "")
                same = self.headers.get("If-Range") == headers["ETag"]
                if wanted and archive.ranges and status == 200 and same:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                    status, body = 206, body[start:]
                    if not body:
                        status = 416
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: trouble.cut_after])
                self.close_connection = trouble.cut_after is not None

            def log_message(self, *_: object) -> None:
                pass

        return Handler
