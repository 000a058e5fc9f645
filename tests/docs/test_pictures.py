"""The pictures of the documentation are drawn from code: each is what the code draws now."""

from __future__ import annotations

import importlib.util
import re
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

from docs.documents import DOCS, page_text, pages

SPEC = importlib.util.spec_from_file_location("docs_draw", DOCS / "draw.py")
assert SPEC is not None
assert SPEC.loader is not None
draw: Any = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = draw
SPEC.loader.exec_module(draw)


@pytest.mark.parametrize("name", draw.PICTURES)
def test_a_picture_is_up_to_date_and_whole(name: str) -> None:
    stored = (draw.FOLDER / name).read_text(encoding="utf-8")
    assert stored == draw.PICTURES[name]().svg(), "run `make docs`"
    root = ElementTree.fromstring(stored)
    assert root.find("{*}title") is not None
    assert "prefers-color-scheme: dark" in stored
    assert not re.search(r'(href|src|url\()="?http', stored)


@pytest.mark.parametrize("name", draw.PICTURES)
def test_a_picture_stands_on_a_page(name: str) -> None:
    assert any(f"pictures/{name})" in page_text(page) for page in pages())


def test_the_picture_of_the_results_has_every_row_of_their_first_table() -> None:
    texts = [node.text for node in ElementTree.fromstring(draw.pretraining().svg()).iter()]
    assert {"random", "random, then pretrained", "ImageNet", "ImageNet, then pretrained"} <= set(
        texts
    )
