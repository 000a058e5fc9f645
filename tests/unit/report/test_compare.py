from __future__ import annotations

from html.parser import HTMLParser

import pytest

from oscine.core import read_json
from oscine.report import build_comparison, compare
from oscine.report.compare import _title
from unit.report.run_folder import write_run
from unit.report.test_comparison import weaker


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    home = tmp_path_factory.mktemp("compared")
    first = write_run(home / "first", without=["audio", "scan"])
    other = weaker(first, home / "other")
    return build_comparison(compare([first, other], n_draws=100), home / "comparison")


def test_the_page_stands_by_itself_and_its_parts_lie_beside_it(page):
    text = page.read_text()
    addresses: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: addresses.extend(
        value for key, value in attrs if key in {"src", "href", "xlink:href"}
    )
    parser.feed(text)
    assert [a for a in addresses if not a.startswith(("#", "data:"))] == []
    for title in ("Result", "What differs", "Classes", "Learning", "Cost", "How this was compared"):
        assert f">{title}</h2>" in text
    figures = {path.stem for path in (page.parent / "figures").iterdir()}
    assert figures == {"differences", "classes-1", "curves"}


def test_the_title_names_all_or_counts_them():
    assert _title(["a", "b"]) == "a and b"
    assert _title(list("abcd")) == "a, b, c and d"
    assert _title(list("abcde")) == "a and 4 others"


def test_names_of_runs_keep_their_case(page):
    text = page.read_text()
    assert '<th scope="col" class="n name">other</th>' in text
    assert "th:not(.name)::first-letter" in text


def test_the_numbers_are_kept_as_data_too(page):
    stored = read_json(page.parent / "comparison.json")
    assert stored["first"] == "first"
    assert stored["verdicts"]["other"]["cmap"] == "worse"
    assert stored["differences"]["other"]["cmap"]["high"] < 0
    assert [one["seed"] for one in stored["contenders"]["other"]] == [7]
    assert stored["shared"]["other"]["left_out"]["clips_of_first"] == 0


def test_a_comparison_is_written_anew_over_an_old_one(page):
    before = page.read_bytes()
    runs = [page.parent.parent / name for name in ("first", "other")]
    assert build_comparison(compare(runs, n_draws=100), page.parent).read_bytes() == before
