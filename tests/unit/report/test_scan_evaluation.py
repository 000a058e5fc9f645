from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from oscine.core import ArtifactError
from oscine.evaluate import BootstrapConfig
from oscine.pipeline.scan_evaluation import AnnotatedScan, evaluate_scan
from oscine.report import build_scan_evaluation
from synthetic import make_annotated_scan


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("evaluated")
    bundle, scan, annotations = make_annotated_scan(home)
    evaluate_scan(AnnotatedScan(scan, annotations, bundle), home / "out", BootstrapConfig(n=30))
    return build_scan_evaluation(home / "out")


def test_the_page_stands_by_itself_and_its_figures_lie_beside_it(page: Path) -> None:
    text = page.read_text()
    addresses: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: addresses.extend(
        value or "" for key, value in attrs if key in {"src", "href", "xlink:href"}
    )
    parser.feed(text)
    assert [one for one in addresses if not one.startswith(("#", "data:"))] == []
    for title in ("Result", "From focal clips to soundscapes", "Every class", "What took no part"):
        assert f">{title}</h2>" in text
    figures = {path.stem for path in (page.parent / "figures").iterdir()}
    assert figures == {"class-curves", "class-precision"}


def test_it_is_written_anew_from_the_same_files_to_the_same_bytes(page: Path) -> None:
    before = page.read_bytes()
    assert build_scan_evaluation(page.parent).read_bytes() == before


@pytest.mark.parametrize("name", ["metrics.json", "per_class.parquet", "curves.parquet"])
def test_a_missing_file_is_named(tmp_path: Path, page: Path, name: str) -> None:
    for path in page.parent.iterdir():
        if path.is_file() and path.name != name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ArtifactError, match=f"lacks {name}"):
        build_scan_evaluation(tmp_path)
