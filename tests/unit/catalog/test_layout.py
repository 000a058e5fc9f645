"""Rows to ids and files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import read_catalog
from oscine.catalog.layout import code_secondary_labels, place
from oscine.catalog.reading import SourceConfig
from oscine.core import SourceError
from unit.catalog.published import publish

CONFIG = SourceConfig(name="mine", path=Path("/nowhere"), audio_required=False)


def test_the_layout_is_wrong_when_no_file_is_where_the_table_says(tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path)
    (tmp_path / "train_audio").rename(tmp_path / "elsewhere")
    (tmp_path / "train_audio" / "other").mkdir(parents=True)
    with pytest.raises(SourceError, match="none of 3 files"):
        read_catalog(config)


def test_one_missing_file_is_left_to_the_audit(tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path)
    (tmp_path / "train_audio" / "aldfly" / "XC1.ogg").unlink()
    assert len(read_catalog(config)) == 3


def test_the_audio_folder_can_have_another_name(tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path, audio="sound")
    (tmp_path / "train_audio").rename(tmp_path / "sound")
    assert Path(read_catalog(config)["filepath"][0]).is_file()


def test_rows_of_one_file_get_different_ids() -> None:
    table = pl.DataFrame({"relative": ["a/1.ogg", "a/1.ogg"], "primary_label": ["x", "y"]})
    ids = place(table, CONFIG, Path("/audio"))["recording_id"].to_list()
    assert ids == ["mine/a/1.ogg", "mine/a/1.ogg#2"]


def test_clips_of_one_file_are_told_apart_by_their_bounds() -> None:
    table = pl.DataFrame(
        {
            "relative": ["1.ogg", "1.ogg", "2.ogg"],
            "primary_label": ["x"] * 3,
            "start_s": [0.0, 5.0, None],
            "end_s": [5.0, 10.0, None],
        }
    )
    ids = place(table, CONFIG, Path("/audio"))["recording_id"].to_list()
    assert ids == ["mine/1.ogg#0.0-5.0", "mine/1.ogg#5.0-10.0", "mine/2.ogg"]


def test_a_label_is_not_secondary_to_itself() -> None:
    table = pl.DataFrame(
        {"relative": ["1.ogg"], "primary_label": ["x"], "secondary_labels": [["y", "x"]]}
    )
    assert place(table, CONFIG, Path("/audio"))["secondary_labels"].to_list() == [["y"]]


@pytest.mark.parametrize("column", ["primary_label", "filename"])
def test_a_row_without_label_or_file_is_an_error(column: str, tmp_path: Path) -> None:
    config = publish("birdclef2023", tmp_path, {1: {column: " "}}, audio_required=False)
    with pytest.raises(SourceError, match=rf"1 rows have no {column}, first in row 2"):
        read_catalog(config)


def test_names_among_secondary_labels_become_codes_where_known() -> None:
    table = pl.DataFrame(
        {
            "primary_label": ["aldfly", "norcar"],
            "label_name": ["Alder", "Cardinal"],
            "secondary_labels": [["Cardinal", "Owl"], []],
        }
    )
    assert code_secondary_labels(table)["secondary_labels"].to_list() == [["norcar", "Owl"], []]
