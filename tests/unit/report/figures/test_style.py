from __future__ import annotations

from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from oscine.report.blocks import Plot
from oscine.report.figures.style import (
    BLUE,
    NARROW_IN,
    PALETTE,
    WIDE_IN,
    blank,
    clip_text,
    inline,
    render,
    render_for_print,
)


def draw_line(width_in: float):
    figure, (axes,) = blank(width_in, 2.0)
    axes.plot([0, 1], [0, 1], color=BLUE)
    axes.set_xlabel("a < b & c")
    return figure


LINE = Plot("line", "A line.", draw_line)


@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_a_figure_is_whole_xml_of_the_width_asked_for(width_in):
    root = ElementTree.fromstring(render(LINE, width_in))
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(72 * width_in)


def test_drawing_twice_gives_the_same_bytes():
    assert render(LINE, WIDE_IN) == render(LINE, WIDE_IN)


def test_drawing_leaves_no_setting_behind():
    before = dict(mpl.rcParams)
    render(LINE, WIDE_IN)
    assert dict(mpl.rcParams) == before


def test_text_stays_text():
    assert "a &lt; b &amp; c" in render(LINE, WIDE_IN)


def test_an_inline_figure_fills_its_column_and_says_what_it_shows():
    root = ElementTree.fromstring(inline(render(LINE, WIDE_IN), "p", 'say "<this>"'))
    assert "width" not in root.attrib
    assert root.attrib["aria-label"] == 'say "<this>"'


def test_an_inline_figure_takes_its_colors_from_the_page():
    body = inline(render(LINE, WIDE_IN), "p", "")
    assert "var(--blue)" in body
    assert not [color for color in PALETTE if color in body]


def test_ids_of_two_inline_figures_differ():
    ids = [
        {node.attrib.get("id") for node in ElementTree.fromstring(body).iter()} - {None}
        for body in (inline(render(LINE, WIDE_IN), prefix, "") for prefix in ("p", "q"))
    ]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_long_label_leaves_room_for_the_figure():
    assert len(clip_text("x" * 80, NARROW_IN)) < len(clip_text("x" * 80, WIDE_IN)) < 40
    assert clip_text("Robin", NARROW_IN) == "Robin"


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_print_is_on_white_paper_and_gives_the_same_bytes_twice(kind):
    first, second = (render_for_print(LINE, NARROW_IN, kind) for _ in range(2))
    assert first == second
    if kind == "svg":
        assert b"fill: #ffffff" in first


def test_letters_of_print_need_no_font():
    text = render_for_print(LINE, WIDE_IN, "svg").decode()
    assert "<text" not in text
    assert "/FontFile2" in render_for_print(LINE, WIDE_IN, "pdf").decode("latin-1")


def test_a_figure_for_print_is_as_wide_as_asked_for():
    root = ElementTree.fromstring(render_for_print(LINE, 89 / 25.4, "svg"))
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(89 / 25.4 * 72)
