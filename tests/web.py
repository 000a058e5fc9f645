"""A web server in a thread that notes what it was asked, and can be made to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class Web:
    """A folder on the web.

    `statuses` maps a path to the status it is answered with; paths in `broken` are sent by half.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, str]] = []
        self.statuses: dict[str, int] = {}
        self.broken: dict[str, int] = {}
        self.lists_folders = True
        folder.mkdir(parents=True, exist_ok=True)
        handler = partial(Handler, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.web = self  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def count(self, method: str, end: str = "") -> int:
        return sum(one == method and path.endswith(end) for one, path in self.asked)

    @contextmanager
    def running(self) -> Iterator[Web]:
        thread = threading.Thread(target=partial(self.server.serve_forever, 0.01), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.stop()
            thread.join()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self._refused():
            super().do_GET()

    def do_HEAD(self) -> None:
        if not self._refused():
            super().do_HEAD()

    def list_directory(self, path: str) -> object:
        if self.server.web.lists_folders:
            return super().list_directory(path)
        return self.send_error(403)

    def copyfile(self, source: object, outputfile: object) -> None:
        web, path = self.server.web, urlsplit(self.path).path
        content = source.read()
        if web.broken.get(path, 0):
            web.broken[path] -= 1
            content = content[: len(content) // 2]
            self.close_connection = True
        outputfile.write(content)

    def _refused(self) -> bool:
        web, path = self.server.web, urlsplit(self.path).path
        web.asked.append((self.command, path))
        if status := web.statuses.get(path):
            self.send_error(status)
        return bool(status)
