"""The probes find what they are for: small pages, each with one fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser import probes
from browser.chromium import LOUD

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(f"always:{LOUD}")]

DRAWING = '<svg width="200" height="50"><rect width="100" height="50" style="fill: {rect}"/>'
WORD = '<text x="{x}" y="30" style="fill: #222">word</text></svg>'


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A window of 400 px."""
    found = browser.new_page(viewport={"width": 400, "height": 300})
    yield found
    found.close()


@pytest.mark.parametrize(
    ("html", "ratio"),
    [
        ('<p style="color: #000; background: #fff">word</p>', 21.0),
        ('<p style="color: #777; background: #fff">word</p>', 4.48),
        ('<p style="color: #00000080; background: #fff">word</p>', 3.95),
        ('<div style="opacity: 0.5"><p style="color: #000">word</p></div>', 3.95),
        (DRAWING.format(rect="#333") + WORD.format(x=20), 1.26),
        (DRAWING.format(rect="#333") + WORD.format(x=120), 15.91),
        (DRAWING.format(rect="none") + WORD.format(x=20), 15.91),
    ],
    ids=["black", "grey", "half of black", "half shown", "on dark", "beside dark", "on nothing"],
)
def test_the_contrast_of_a_text_is_that_of_what_is_seen(
    page: Page, html: str, ratio: float
) -> None:
    page.set_content(html)
    (found,) = page.evaluate(probes.CONTRAST)
    # Half of black is 127 or 128 of 255, as the browser rounds.
    assert found["ratio"] == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize(
    ("style", "excess"), [("width: 380px", 0), ("width: 500px", 108)], ids=["fits", "too wide"]
)
def test_a_page_that_is_wider_than_its_window_is_found(page: Page, style: str, excess: int) -> None:
    page.set_content(f'<div style="{style}; height: 9px"></div>')
    found = page.evaluate(probes.OVERFLOW)
    assert (found["page"], len(found["elements"])) == (excess, int(excess > 0))


def test_what_scrolls_inside_a_page_is_found_and_does_not_widen_it(page: Page) -> None:
    page.set_content('<div style="overflow: auto"><p style="width: 900px">word</p></div>')
    assert page.evaluate(probes.OVERFLOW) == {"page": 0, "elements": []}
    (found,) = page.evaluate(probes.SCROLLERS)
    assert (found["tabindex"], found["role"], found["label"]) == (None, None, None)


@pytest.mark.parametrize(
    ("style", "marked"),
    [
        ("", True),
        ("outline: none", False),
        ("opacity: 0", False),
        ("outline-color: transparent", False),
    ],
    ids=["browser's own", "none", "of nothing", "clear"],
)
def test_a_focus_that_is_not_seen_is_found(page: Page, style: str, marked: bool) -> None:
    page.set_content(f'<a href="#here" style="{style}">go</a>')
    assert len(page.evaluate(probes.STOPS)) == 1
    page.keyboard.press("Tab")
    found = page.evaluate(probes.FOCUSED)
    assert (found["place"], found["marked"], found["seen"]) == (0, marked, True)
