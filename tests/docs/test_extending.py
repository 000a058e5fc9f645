"""The examples of docs/howto/extend.md, put in place, pass the suites of their kinds."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.documents import ROOT, blocks, page_text

PAGE = "docs/howto/extend.md"
SUITES = re.findall(r"^    python -m pytest (.+)$", page_text(PAGE), flags=re.M)


def hunks(diff: str) -> list[tuple[str, str, str]]:
    """Part a block of differences: the file of each, its lines as they are, and as they become."""
    found = []
    for part in re.split(r"^--- ", diff, flags=re.M)[1:]:
        name, *lines = part.rstrip("\n").splitlines()
        old = [line[1:] for line in lines if not line.startswith("+")]
        new = [line[1:] for line in lines if not line.startswith("-")]
        found.append((name, "\n".join(["", *old, ""]), "\n".join(["", *new, ""])))
    return found


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and tests with every example of the page in its place."""
    copy = tmp_path_factory.mktemp("extended")
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for block in blocks(PAGE, "python"):
        assert block.place is not None, f"{block}: say which file it is"
        path = copy / block.place
        assert not path.exists(), f"{block.place} is there already"
        path.write_text(block.text.partition("\n")[2], encoding="utf-8")
    for block in blocks(PAGE, "diff"):
        for name, old, new in hunks(block.text):
            text = (copy / name).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{block}: {name} has this {text.count(old)} times:\n{old}"
            (copy / name).write_text(text.replace(old, new), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def passed(extended: Path) -> list[str]:
    """The tests that passed when all suites were run over the examples, in one process."""
    words = [shlex.split(suite) for suite in SUITES]
    files = sorted({word for suite in words for word in suite if word.endswith(".py")})
    asked = ["-k", " or ".join(suite[-1] for suite in words), *files]
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *asked]
    environment = {**os.environ, "PYTHONPATH": str(extended / "src")}
    environment.pop("PYTEST_ADDOPTS", None)
    result = subprocess.run(
        command, cwd=extended, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    return [line for line in result.stdout.splitlines() if line.startswith("PASSED ")]


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_an_example_passes_the_suite_of_its_kind(suite: str, passed: list[str]) -> None:
    *files, _, name = shlex.split(suite)
    for file in files:
        assert [line for line in passed if f" {file}::" in line and name in line], file


def test_every_kind_that_can_be_added_has_its_suite_on_the_page() -> None:
    told = "\n".join(SUITES)
    for suite in ("test_sources", "test_writers", "test_augmenter", "test_heads"):
        assert suite in told
