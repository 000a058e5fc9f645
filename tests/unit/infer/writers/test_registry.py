from __future__ import annotations

from pathlib import Path

import pytest

from oscine.core import ScanError
from oscine.infer.writers.registry import WRITERS, check_formats, write_formats
from synthetic import make_scan


@pytest.mark.parametrize("name", list(WRITERS))
def test_every_format_can_be_written_again(tmp_path: Path, name: str) -> None:
    result = make_scan(tmp_path)
    before = set(result.folder.iterdir())
    write_formats([name], result)
    write_formats([name], result)
    assert len(set(result.folder.iterdir()) - before) == 1


@pytest.mark.parametrize("name", list(WRITERS))
def test_every_format_can_be_written_without_detections(tmp_path: Path, name: str) -> None:
    result = make_scan(tmp_path, formats=(name,), threshold=1.0)
    assert len(result.detections()) == 0


def test_an_unknown_format_lists_the_choices() -> None:
    with pytest.raises(ScanError, match="csv, raven, audacity, submission"):
        check_formats(["csv", "xlsx"])
