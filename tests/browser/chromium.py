"""The browser that the tests look with: the machine's own Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What Debian and others call it, the first found is taken."""

LOUD = "NO BROWSER"
"""What a warning and a reason begin with, so that nobody takes skipped tests for passed ones."""


@contextmanager
def opened() -> Iterator[Browser]:
    """Start the browser, or skip the test with a warning that stands in pytest's summary."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _skip(f"none of {', '.join(NAMES)} is installed; scripts/get_chromium.sh tries to")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path)
        except Error as error:
            _skip(f"{path} does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


def _skip(why: str) -> None:
    reason = f"{LOUD}: {why}. Nothing was tested of how the pages look and are used."
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)
