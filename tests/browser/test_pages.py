"""Every page in a real browser: what is seen, what the keyboard reaches, what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from browser import probes
from browser.chromium import LOUD
from browser.made_pages import FILES, SERVED

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(f"always:{LOUD}")]

WIDTHS = {"desktop": 1280, "phone": 400}
HEIGHT = 800
LARGEST = 15_000_000
SHADE = 20
"""Of 255: a change of grey that the eye sees."""

NAMED = {
    "RootWebArea", "Audio", "button", "checkbox", "combobox", "DisclosureTriangle", "heading",
    "image", "img", "link", "meter", "navigation", "region", "spinbutton", "table", "textbox",
}  # fmt: skip
"""Roles that mean nothing without a name."""

PAGES = (*FILES, SERVED)


@dataclass(frozen=True)
class Look:
    """A page that is open, everything in it unfolded.

    Args:
        name: Which.
        address: Where it is.
        page: The page itself.
        said: What it said on the console.
        asked: Addresses that it asked for.
    """

    name: str
    address: str
    page: Page
    said: list[str]
    asked: list[str]


VIEWS = [pytest.param((name, width), id=f"{name}-{width}") for name in PAGES for width in WIDTHS]


@pytest.fixture(scope="module", params=VIEWS)
def look(
    request: pytest.FixtureRequest, browser: Browser, addresses: dict[str, str]
) -> Iterator[Look]:
    """Each page on a desktop and on a phone."""
    name, width = request.param
    viewport = {"width": WIDTHS[width], "height": HEIGHT}
    context = browser.new_context(viewport=viewport)
    found = Look(name, addresses[name], context.new_page(), [], [])
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.goto(found.address)
    found.page.evaluate(probes.UNFOLD)
    found.page.wait_for_load_state("networkidle")
    yield found
    context.close()


def too_faint(page: Page) -> list[dict[str, object]]:
    """Texts of a page whose contrast is below what is asked of their size."""
    texts = page.evaluate(probes.CONTRAST)
    assert texts
    return [one for one in texts if one["ratio"] < one["least"]]


def test_a_page_says_nothing_on_the_console_and_asks_nobody_for_anything(look: Look) -> None:
    assert look.said == []
    assert [url for url in look.asked if not url.startswith("data:")] == [look.address]


def test_a_page_is_as_wide_as_its_window(look: Look) -> None:
    assert look.page.evaluate(probes.OVERFLOW) == {"page": 0, "elements": []}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(
    look: Look, scheme: Literal["light", "dark"]
) -> None:
    look.page.emulate_media(color_scheme=scheme)
    assert too_faint(look.page) == []


def test_the_keyboard_reaches_all_that_can_be_used_in_the_order_of_the_page(look: Look) -> None:
    stops = look.page.evaluate(probes.STOPS)
    reached: list[int] = []
    for _ in range(12 * len(stops)):  # the controls of one sound are several
        look.page.keyboard.press("Tab")
        at = look.page.evaluate(probes.FOCUSED)
        if at is None or (at["place"] == 0 and reached):
            break
        assert at["marked"], f"no focus is seen: {at['what']}"
        assert at["seen"], f"the focus is out of sight: {at['what']}"
        if not reached or at["place"] != reached[-1]:
            reached.append(at["place"])
    assert [stops[place] for place in reached] == stops


def test_whatever_is_used_or_looked_at_has_a_name(look: Look) -> None:
    session = look.page.context.new_cdp_session(look.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    shown = [(node["role"]["value"], node) for node in nodes if not node["ignored"]]
    nameless = [
        role for role, node in shown if role in NAMED and not node.get("name", {}).get("value")
    ]
    assert nameless == []
    drawn = look.page.evaluate(probes.N_PICTURES)
    assert sum(role in {"image", "img"} for role, _ in shown) == drawn


def test_headings_go_down_one_level_at_a_time(look: Look) -> None:
    headings = look.page.evaluate(probes.HEADINGS)
    levels = [level for level, _ in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(words for _, words in headings)


def test_what_scrolls_sideways_can_be_scrolled_by_the_keyboard(look: Look) -> None:
    for one in look.page.evaluate(probes.SCROLLERS):
        assert (one["tabindex"], one["role"], bool(one["label"])) == ("0", "region", True), one


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_edge_behind_which_there_is_more_is_shaded(
    browser: Browser, addresses: dict[str, str], scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(
        viewport={"width": WIDTHS["phone"], "height": HEIGHT}, color_scheme=scheme
    )
    page.goto(addresses["run"])
    page.add_style_tag(content=".scroll > * { visibility: hidden }")
    scroller = page.locator(".scroll").filter(has_text="Rows that a target fold validates").first
    seen = {}
    for place in ("start", "end"):
        scroller.evaluate(
            "(one, left) => { one.scrollLeft = left }", 0 if place == "start" else 9e9
        )
        row = np.asarray(Image.open(BytesIO(scroller.screenshot())).convert("L"), float)[20]
        paper = row[len(row) // 2]
        seen[place] = (abs(row[1] - paper) > SHADE, abs(row[-2] - paper) > SHADE)
    page.close()
    assert seen == {"start": (False, True), "end": (True, False)}


@pytest.mark.parametrize("name", FILES)
def test_the_first_stop_skips_to_the_content(
    browser: Browser, addresses: dict[str, str], name: str
) -> None:
    page = browser.new_page()
    page.goto(addresses[name])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    first = page.locator("main section").first
    assert page.url.endswith(f"#{first.get_attribute('id')}")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")
    page.close()


@pytest.mark.parametrize("name", [*FILES])
def test_a_page_stays_small(files: dict[str, Path], name: str) -> None:
    assert files[name].stat().st_size < LARGEST


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_recording_is_scanned_on_the_served_page_with_the_keyboard_alone(
    browser: Browser,
    addresses: dict[str, str],
    files: dict[str, Path],
    scheme: Literal["light", "dark"],
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(addresses[SERVED])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("0.01")
    page.get_by_label("Drop a recording here").set_input_files(files["recording"])
    page.get_by_text("detections").wait_for()
    assert files["recording"].name in page.get_by_role("status").inner_text()
    assert page.get_by_role("row").count() > 1
    assert too_faint(page) == []
    page.get_by_label("Drop a recording here").set_input_files(files["run"])
    page.locator("#status.error").wait_for()
    assert too_faint(page) == []
    page.close()
