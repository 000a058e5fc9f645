from __future__ import annotations

from pathlib import Path

import pytest

from oscine.core import ScanError
from oscine.infer.writers.registry import WRITERS, check_formats, write_formats
from synthetic import make_scan


def test_a_recipe_names_what_exists() -> None:
    check_formats(WRITERS)


def test_an_unknown_format_writes_nothing(tmp_path: Path) -> None:
    result = make_scan(tmp_path)
    before = set(result.folder.iterdir())
    with pytest.raises(ScanError, match="'xlsx'"):
        write_formats(["csv", "xlsx"], result)
    assert set(result.folder.iterdir()) == before


def test_an_unknown_format_lists_the_choices() -> None:
    with pytest.raises(ScanError, match="csv, jsonl, raven, audacity, kaleidoscope, submission"):
        check_formats(["csv", "xlsx"])
