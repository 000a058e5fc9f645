"""BirdCLEF 2021: no folder in the filename."""

from __future__ import annotations

from pathlib import Path

from oscine.catalog import MergeConfig, merge_catalogs, read_catalog
from unit.catalog.published import publish


def test_the_label_is_the_folder(tmp_path: Path) -> None:
    first = read_catalog(publish("birdclef2021", tmp_path)).row(0, named=True)
    assert first["recording_id"] == "tiny/aldfly/XC1.ogg"
    assert first["filepath"] == f"{tmp_path}/train_short_audio/aldfly/XC1.ogg"


def test_a_known_silent_file_is_left_out_by_default(tmp_path: Path) -> None:
    cells = {0: {"primary_label": "houwre", "filename": "XC590621.ogg"}}
    config = publish("birdclef2021", tmp_path, cells)
    merged = merge_catalogs([(config, read_catalog(config))], MergeConfig())
    assert merged.departures["xc_id"].to_list() == ["XC590621"]
