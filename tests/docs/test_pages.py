"""Pages hang together: links lead somewhere, decisions are short, no page advertises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs.documents import DOCS, ROOT, page_text, pages
from oscine import __version__

LINKS = [
    (page, target)
    for page in pages()
    for target in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page_text(page), flags=re.S)
    )
    if "://" not in target
]
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))


def anchors(path: Path) -> set[str]:
    """List what a link may point at within a page."""
    text = path.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.+)$", text, flags=re.M)
    slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


@pytest.mark.parametrize(("page", "target"), LINKS, ids=[f"{p} {t}" for p, t in LINKS])
def test_a_link_leads_somewhere(page: str, target: str) -> None:
    name, _, place = target.partition("#")
    path = (ROOT / page).parent / name if name else ROOT / page
    assert path.exists()
    if place and path.suffix == ".md":
        assert place in anchors(path)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_why_and_at_what_price_in_few_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]} ", text)
    assert re.search(r"^Status: (accepted|superseded by \d{4})\.", text, flags=re.M)
    words = ("**Decision.**", "**Why.**", "**Price.**")
    assert all(word in text for word in words)
    assert len(text.splitlines()) <= 20


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", [page for page in pages() if "/reference/" not in page])
def test_a_page_has_one_title_and_no_marketing(page: str) -> None:
    text = re.sub(r"```.*?```", "", page_text(page), flags=re.S)
    assert len(re.findall(r"^# ", text, flags=re.M)) == 1
    assert not re.findall(
        r"\b(blazing|state-of-the-art|seamless\w*|powerful|cutting-edge|easily)\b", text, flags=re.I
    )


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"version: {__version__}" in citation
    assert f'version = "{__version__}"' in project


def test_the_citation_is_of_the_citation_file_format() -> None:
    """As the schema of CFF 1.2.0 has it: what is required, what a field may hold."""
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert told["cff-version"] == "1.2.0"
    assert told["type"] in {"software", "dataset"}
    assert all(isinstance(told[name], str) for name in ("message", "title", "version", "license"))
    assert told["authors"]
    for author in told["authors"]:
        assert "name" in author or {"family-names", "given-names"} <= author.keys()
    known = {"cff-version", "message", "title", "abstract", "type", "version", "license", "doi"}
    known |= {"authors", "keywords", "repository-code", "url", "date-released", "identifiers"}
    assert told.keys() <= known


def test_the_readme_is_short_and_names_every_how_to() -> None:
    text = page_text("README.md")
    assert len(text.splitlines()) < 170
    assert not [path.name for path in DOCS.glob("howto/*.md") if f"howto/{path.name}" not in text]
