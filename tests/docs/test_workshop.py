"""What the documentation says is done in one workshop: the tutorial, its run, then every page.

They stand in one file, so that one process has the workshop and the tutorial is run once.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from docs.conftest import Workshop
from docs.documents import TUTORIAL, blocks, code_words, pages, tables

pytestmark = pytest.mark.slow

RUNNABLE = [
    page for page in pages() if page != TUTORIAL and any(block.is_run for block in blocks(page))
]

(ARTIFACTS,) = [table for table in tables("docs/architecture.md") if table[0][0] == "artifact"]
ROWS = {name: row for row in ARTIFACTS[1:] for name in code_words(row[0])}


def pattern(name: str) -> re.Pattern[str]:
    """Turn `fits/STAGE/fold-N/fit.json` into a pattern."""
    text = re.escape(name).replace("STAGE", "[a-z]+").replace("NAME", "[^/]+")
    text = text.replace(r"fold\-N", r"fold-\d+").replace("PART", "(?:pretrain|target)")
    return re.compile(text + (".*" if name.endswith("/") else ""))


def columns(path: Path) -> list[str]:
    """Give a table's columns or a JSON object's keys."""
    if path.suffix == ".parquet":
        return pl.read_parquet_schema(path).names()
    text = path.read_text(encoding="utf-8")
    data = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
    return list(data) if isinstance(data, dict) else []


def artifacts(workshop: Workshop) -> dict[str, Path]:
    """Find the files of the tutorial's run, by their names in it."""
    run = workshop.folder / "runs" / "chorus"
    files = [path for path in run.rglob("*") if path.is_file()]
    names = {path.relative_to(run).as_posix(): path for path in files}
    return {name: path for name, path in names.items() if not name.startswith("superseded/")}


def test_the_tutorial_runs(workshop: Workshop) -> None:
    assert (workshop.folder / "runs" / "chorus" / "report" / "index.html").is_file()


def test_every_file_of_a_run_is_named(workshop: Workshop) -> None:
    unnamed = [
        name
        for name in artifacts(workshop)
        if not any(pattern(known).fullmatch(name) for known in ROWS)
    ]
    assert not unnamed


@pytest.mark.parametrize("name", ROWS)
def test_an_artifact_that_is_named_exists_with_its_columns(name: str, workshop: Workshop) -> None:
    found = [path for own, path in artifacts(workshop).items() if pattern(name).fullmatch(own)]
    assert found
    written = code_words(ROWS[name][2])
    differing = {str(path): columns(path) for path in found if written and columns(path) != written}
    assert not differing, written


@pytest.mark.parametrize("page", RUNNABLE)
def test_a_page_runs_after_the_tutorial(page: str, workshop: Workshop) -> None:
    workshop.run_page(page)
