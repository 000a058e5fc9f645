"""BirdCLEF 2024: the folder is in the filename."""

from __future__ import annotations

from pathlib import Path

from oscine.catalog import read_catalog
from unit.catalog.published import publish


def test_the_filename_holds_the_folder(tmp_path: Path) -> None:
    first = read_catalog(publish("birdclef2024", tmp_path)).row(0, named=True)
    assert first["recording_id"] == "tiny/aldfly/XC1.ogg"
    assert (first["filename"], first["xc_id"]) == ("XC1.ogg", "XC1")
    assert first["birdclef"] == "24"
