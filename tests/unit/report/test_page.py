from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from oscine.core import ArtifactError
from oscine.report import Run, build_catalog_report, build_report
from oscine.report.sections import CATALOG_CHAPTERS, CHAPTERS
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
    "examples",
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


BUILDERS = {"run": build_report, "catalog": build_catalog_report}
CHAPTERS_OF = {"run": CHAPTERS, "catalog": CATALOG_CHAPTERS}


@pytest.fixture(scope="module", params=list(BUILDERS))
def edition(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def text(edition, page, catalog_page) -> str:
    return {"run": page, "catalog": catalog_page}[edition].read_text(encoding="utf-8")


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


def test_the_page_stays_far_below_fifteen_megabytes(text):
    # Six clips of ten seconds add at most two megabytes to what this page holds.
    assert len(text) < 5_000_000


def test_every_section_stands_on_the_page(text, edition, finished):
    makers = [make for chapter in CHAPTERS_OF[edition].values() for make in chapter]
    keys = [make(finished).key for make in makers]
    assert [key for key in Page(text).ids if key in keys] == keys


def test_titles_are_unique(text):
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    assert len(titles) == len(set(titles))


def test_whoever_cannot_see_a_picture_is_told_what_it_shows(text):
    pictures = re.findall(r"<img [^>]*>|<svg [^>]*>", text)
    labels = [re.search(r'(?:alt|aria-label)="([^"]*)"', picture) for picture in pictures]
    assert pictures
    assert all(label and label.group(1) for label in labels)


def test_what_scrolls_can_be_reached_by_the_keyboard(text):
    wide = re.findall(r'<div class="scroll"([^>]*)>\s*<table class="(?:dense|gt_table)"', text)
    assert wide
    assert all('tabindex="0"' in attributes for attributes in wide)


def test_no_color_of_the_files_is_left_where_the_scheme_must_rule(text):
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    solid = {color for svg in drawings for color in re.findall(r"(?:fill|stroke): (#\w+)", svg)}
    assert solid <= {"#000000"}


def test_both_schemes_define_every_variable_that_is_used(text):
    dark = text[text.index("prefers-color-scheme: dark") :]
    dark = dark[: dark.index("}")]
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    assert used == set(re.findall(r"(--[\w-]+):", dark))


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (
            "figures",
            {"metrics", "waterfall", "learning", "by-class", "timeline", "worst-1", "best-3"},
        ),
        ("catalog-figures", {"waterfall", "classes", "map", "recordists", "durations", "types"}),
    ],
)
def test_figures_are_written_as_files_too(page, catalog_page, folder, expected):
    files = list((page.parent / folder).iterdir())
    assert expected <= {path.stem for path in files}
    assert all(path.stat().st_size for path in files)


def test_both_pages_of_a_run_stand_side_by_side(page, catalog_page):
    assert (page.name, catalog_page.name) == ("index.html", "catalog.html")
    assert page.parent == catalog_page.parent
    assert page.is_file()
    assert "Made by oscine" in page.read_text(encoding="utf-8")


def test_tables_of_great_tables_stand_in_the_page_without_their_style(catalog_page):
    text = catalog_page.read_text(encoding="utf-8")
    assert text.count('<table class="gt_table"') == 3
    outside = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    assert outside.count("<style") == 1


def test_text_from_artifacts_is_escaped(tmp_path, edition):
    run = write_run(tmp_path / "run", without=PARTS)
    put_json(run / "run.json", {"name": "<b>&", "comment": "<script>alert(1)</script>"})
    text = BUILDERS[edition](run).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_a_run_with_nothing_but_its_name_has_a_page_that_says_so(tmp_path, edition):
    run = write_run(tmp_path / "run", without=PARTS)
    put_json(run / "run.json", {"name": "bare"})
    (run / "recipe.yaml").unlink()
    text = BUILDERS[edition](run).read_text(encoding="utf-8")
    n_sections = sum(map(len, CHAPTERS_OF[edition].values()))
    assert text.count('class="absent"') == n_sections
    assert Page(text).open == []


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_leaves_sections_not_errors(tmp_path, part, edition):
    run = Run(write_run(tmp_path / "run", without=[part]))
    sections = [make(run) for makers in CHAPTERS_OF[edition].values() for make in makers]
    assert all(bool(section.absent) != bool(section.blocks or section.text) for section in sections)


def test_an_older_report_is_replaced(tmp_path):
    run = write_run(tmp_path / "run", without=PARTS)
    build_report(run)
    (run / "report/figures/stale.svg").write_text("old")
    build_report(run)
    assert not (run / "report/figures/stale.svg").exists()


def test_a_folder_that_is_no_run_is_an_error_with_advice(tmp_path, edition):
    with pytest.raises(ArtifactError, match=r"no run\.json.*oscine run"):
        BUILDERS[edition](tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_gives_the_same_bytes_without_the_network(tmp_path, monkeypatch, edition):
    run = write_run(tmp_path / "run", without=["fits", "audio", "evaluate", "scan"])
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was touched"))
    build = BUILDERS[edition]
    first, second = (hashlib.sha256(build(run).read_bytes()).hexdigest() for _ in range(2))
    assert first == second


def test_importing_the_report_brings_neither_torch_nor_pyplot():
    code = (
        "import sys, oscine.report; "
        "assert not {'torch', 'matplotlib.pyplot', 'lightning', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
