"""The browser, the pages, and the addresses that the pages have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.chromium import opened
from browser.made_pages import FILES, SERVED, make_files, served


# Of a module, not of the session: while it is open, an event loop runs in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's browser; without one the tests are skipped."""
    with opened() as found:
        yield found


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages that are files, and what a server is tried with."""
    return make_files(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session")
def addresses(files: dict[str, Path]) -> Iterator[dict[str, str]]:
    """Every page's address."""
    with served(files["bundle"]) as address:
        yield {name: files[name].as_uri() for name in FILES} | {SERVED: address}
