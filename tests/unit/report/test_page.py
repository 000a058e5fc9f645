from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from oscine.core import ArtifactError
from oscine.report import Run, build_report
from oscine.report.sections import CHAPTERS
from unit.report.run_folder import put_json, write_run

PARTS = [
    "catalog",
    "audit",
    "folds",
    "fits",
    "pretrain",
    "baseline",
    "evaluate",
    "bundle",
    "scan",
    "audio",
]


class Page(HTMLParser):
    """What a test asks of a page: ids, links, addresses, and whether elements are closed."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if tag == "a" else []
        self.addresses += [values[k] for k in ("src", "href", "xlink:href") if values.get(k)]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(page) -> str:
    return page.read_text(encoding="utf-8")


def test_the_page_reaches_for_nothing_outside_itself(text):
    outside = [a for a in Page(text).addresses if not a.startswith(("#", "data:"))]
    assert outside == []
    assert "@import" not in text
    assert "<script" not in text


def test_every_element_is_closed_and_every_id_is_unique(text):
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_link_in_the_page_has_its_target(text):
    page = Page(text)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_references_inside_drawings_have_their_targets(text):
    page = Page(text)
    used = re.findall(r"(?:xlink:href=\"|url\()#([^\")]+)", text)
    assert used
    assert set(used) <= set(page.ids)


def test_the_page_stays_far_below_fifteen_megabytes(page):
    # Six clips of ten seconds add at most two megabytes to what this page holds.
    assert page.stat().st_size < 5_000_000


def test_every_section_stands_on_the_page(text, finished):
    keys = [make(finished).key for makers in CHAPTERS.values() for make in makers]
    assert [key for key in Page(text).ids if key in keys] == keys


def test_no_color_of_the_files_is_left_where_the_scheme_must_rule(text):
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    solid = {color for svg in drawings for color in re.findall(r"(?:fill|stroke): (#\w+)", svg)}
    assert solid <= {"#000000"}


def test_both_schemes_define_every_variable_that_is_used(text):
    dark = text[text.index("prefers-color-scheme: dark") :]
    dark = dark[: dark.index("}")]
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    assert used == set(re.findall(r"(--[\w-]+):", dark))


def test_figures_are_written_as_files_too(page, text):
    files = {path.stem for path in (page.parent / "figures").glob("*.svg")}
    assert {"metrics", "waterfall", "learning", "by-class", "timeline", "worst-1"} <= files
    assert all(path.stat().st_size for path in (page.parent / "figures").iterdir())


def test_text_from_artifacts_is_escaped(tmp_path):
    run = write_run(tmp_path / "run", without=PARTS)
    put_json(run / "run.json", {"name": "<b>&", "comment": "<script>alert(1)</script>"})
    text = build_report(run).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_a_run_with_nothing_but_its_name_has_a_page_that_says_so(tmp_path):
    run = write_run(tmp_path / "run", without=PARTS)
    put_json(run / "run.json", {"name": "bare"})
    (run / "recipe.yaml").unlink()
    text = build_report(run).read_text(encoding="utf-8")
    n_sections = sum(map(len, CHAPTERS.values()))
    assert text.count('class="absent"') == n_sections
    assert Page(text).open == []


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_leaves_sections_not_errors(tmp_path, part):
    run = Run(write_run(tmp_path / "run", without=[part]))
    sections = [make(run) for makers in CHAPTERS.values() for make in makers]
    assert all(bool(section.absent) != bool(section.blocks or section.text) for section in sections)


def test_an_older_report_is_replaced(tmp_path):
    run = write_run(tmp_path / "run", without=PARTS)
    build_report(run)
    (run / "report/figures/stale.svg").write_text("old")
    build_report(run)
    assert not (run / "report/figures/stale.svg").exists()


def test_a_folder_that_is_no_run_is_an_error_with_advice(tmp_path):
    with pytest.raises(ArtifactError, match=r"no run\.json.*oscine run"):
        build_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_gives_the_same_bytes_without_the_network(tmp_path, monkeypatch):
    run = write_run(tmp_path / "run", without=["fits", "audio", "evaluate", "scan"])
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was touched"))
    first, second = (hashlib.sha256(build_report(run).read_bytes()).hexdigest() for _ in range(2))
    assert first == second


def test_importing_the_report_brings_neither_torch_nor_pyplot():
    code = (
        "import sys, oscine.report; "
        "assert not {'torch', 'matplotlib.pyplot', 'lightning', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
