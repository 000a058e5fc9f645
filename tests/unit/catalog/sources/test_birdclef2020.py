"""BirdCLEF 2020: codes in their own column, names as labels."""

from __future__ import annotations

from pathlib import Path

from oscine.catalog import read_catalog
from unit.catalog.published import publish


def test_the_label_is_the_ebird_code_and_paths_follow_it(tmp_path: Path) -> None:
    first = read_catalog(publish("birdclef2020", tmp_path)).row(0, named=True)
    assert first["primary_label"] == "aldfly"
    assert first["recording_id"] == "tiny/aldfly/XC1.mp3"
    assert first["birdclef"] == "20"


def test_secondary_names_become_codes(tmp_path: Path) -> None:
    names = "['Cardinalis cardinalis_Northern Cardinal']"
    table = read_catalog(publish("birdclef2020", tmp_path, {0: {"secondary_labels": names}}))
    assert table["secondary_labels"][0].to_list() == ["norcar"]


def test_site_type_and_whether_the_bird_was_seen_are_read(tmp_path: Path) -> None:
    first = read_catalog(publish("birdclef2020", tmp_path)).row(0, named=True)
    assert (first["site"], first["bird_seen"]) == ("Vermont", "yes")
    assert first["type"] == ["song", "call"]
    assert first["file_type"] == "mp3"
