"""Audacity label tracks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.core import SourceError
from synthetic import make_scan


def config(root: Path, **settings: Any) -> CatalogConfig:
    defaults = {"name": "mine", "source": "audacity", "path": root, "role": "target"}
    return CatalogConfig(**(defaults | {"audio_required": False} | settings))


def test_a_real_label_track_with_its_recording(real_data: Path) -> None:
    table = read_catalog(config(real_data / "soundscapes", audio_required=True))
    assert len(table) == 18
    assert table["filename"].unique().to_list() == ["spinetail.wav"]
    long, short = (table.filter(start_s=start).row(0, named=True) for start in (0.506924, 1.203945))
    assert (long["primary_label"], long["secondary_labels"]) == ("CRER", ["SP"])
    assert (short["primary_label"], short["secondary_labels"]) == ("SP", ["CRER"])


def test_a_point_stays_for_the_merge_to_take_out(tmp_path: Path) -> None:
    (tmp_path / "rec.txt").write_text("5\t5\tbrant\n6\t7\tgadwal\n")
    table = read_catalog(config(tmp_path))
    assert table.select("start_s", "end_s").rows() == [(5.0, 5.0), (6.0, 7.0)]


def test_a_point_during_a_clip_is_heard_in_it(tmp_path: Path) -> None:
    (tmp_path / "rec.txt").write_text("5\t5\tbrant\n4\t7\tgadwal\n")
    table = read_catalog(config(tmp_path))
    assert table["secondary_labels"].to_list() == [["brant"], ["gadwal"]]


def test_other_texts_are_left_alone_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "rec.txt").write_text("6\t7\tgadwal\n")
    (tmp_path / "readme.txt").write_text("Recorded at dawn.\n")
    assert len(read_catalog(config(tmp_path))) == 1
    assert "ignored: readme.txt" in caplog.text


def test_a_line_that_is_no_label_is_named(tmp_path: Path) -> None:
    (tmp_path / "rec.txt").write_text("6\t7\tgadwal\n8\n")
    with pytest.raises(SourceError, match=r"line 2.*rec\.txt"):
        read_catalog(config(tmp_path))


def test_what_a_scan_writes_is_read_again(tmp_path: Path) -> None:
    scan = make_scan(tmp_path, formats=("audacity",))
    found = scan.detections().sort("filepath", "start_s", "species_code")
    audio = Path(found["filepath"][0]).parent
    table = read_catalog(
        config(scan.folder / "audacity", audio=str(audio.resolve()), audio_required=True)
    ).sort("filepath", "start_s", "primary_label")
    columns = ["filename", "start_s", "end_s"]
    assert table.select(columns).rows() == found.select(columns).rows()
    assert table["primary_label"].to_list() == found["species_code"].to_list()
