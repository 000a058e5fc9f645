"""BirdCLEF+ 2026: labels may be numbers in text, files come from several archives."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import read_catalog
from unit.catalog.published import publish


@pytest.mark.parametrize("archive_id", ["CSA36385", "iNat1114648", "XC1"])
def test_numeric_labels_stay_text_and_ids_are_the_archives(archive_id: str, tmp_path: Path) -> None:
    cells = {0: {"primary_label": "0139490", "filename": f"0139490/{archive_id}.ogg"}}
    first = read_catalog(publish("birdclef2026", tmp_path, cells)).row(0, named=True)
    assert (first["primary_label"], first["xc_id"]) == ("0139490", archive_id)
    assert first["birdclef"] == "26"


def test_a_list_of_one_empty_text_is_empty(tmp_path: Path) -> None:
    table = read_catalog(publish("birdclef2026", tmp_path, {0: {"secondary_labels": "['']"}}))
    assert table["secondary_labels"][0].to_list() == []
