"""Labelled soundscapes of BirdCLEF 2021 and 2026."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import CatalogConfig, MergeConfig, merge_catalogs, read_catalog
from oscine.core import CatalogError

OF_2021 = """\
row_id,site,audio_id,seconds,birds
28933_SSW_5,SSW,28933,5,nocall
28933_SSW_10,SSW,28933,10,brnjay sthwoo1
"""

OF_2026 = """\
filename,start,end,primary_label
BC2026_Train_0001_S05_20250227_010002.ogg,00:00:05,00:00:10,22930;brant
BC2026_Train_0001_S05_20250227_010002.ogg,00:00:05,00:00:10,22930;brant
"""


def publish(root: Path, name: str, text: str, *files: str) -> CatalogConfig:
    (root / "train_soundscapes").mkdir()
    (root / name).write_text(text)
    for file in files:
        (root / "train_soundscapes" / file).write_bytes(b"x")
    return CatalogConfig(name="sounds", source="birdclef_soundscapes", path=root, role="target")


@pytest.fixture
def of_2021(tmp_path: Path) -> CatalogConfig:
    files = ("28933_SSW_20170408.ogg", "289_SSW_20170408.ogg")
    return publish(tmp_path, "train_soundscape_labels.csv", OF_2021, *files)


def test_files_of_2021_are_found_by_what_the_table_says_of_them(of_2021: CatalogConfig) -> None:
    table = read_catalog(of_2021)
    assert table["filename"].unique().to_list() == ["28933_SSW_20170408.ogg"]
    assert table.select("start_s", "end_s", "primary_label", "secondary_labels").rows() == [
        (0.0, 5.0, "nocall", []),
        (5.0, 10.0, "brnjay", ["sthwoo1"]),
        (5.0, 10.0, "sthwoo1", ["brnjay"]),
    ]
    first = table.row(0, named=True)
    assert (first["site"], first["date"], first["birdclef"]) == ("SSW", "20170408", "21")


def test_rows_of_2026_that_repeat_are_one_clip_a_label(tmp_path: Path) -> None:
    name = "BC2026_Train_0001_S05_20250227_010002.ogg"
    table = read_catalog(publish(tmp_path, "train_soundscapes_labels.csv", OF_2026, name))
    assert table.select("start_s", "end_s", "primary_label", "secondary_labels").rows() == [
        (5.0, 10.0, "22930", ["brant"]),
        (5.0, 10.0, "brant", ["22930"]),
    ]
    first = table.row(0, named=True)
    assert (first["site"], first["date"], first["time"]) == ("S05", "20250227", "010002")
    assert first["birdclef"] == "26"


def test_nocall_is_a_label_that_the_merge_takes_out_when_asked(of_2021: CatalogConfig) -> None:
    catalogs = [(of_2021, read_catalog(of_2021))]
    kept = merge_catalogs(catalogs, MergeConfig()).target
    assert "nocall" in kept["primary_label"].to_list()
    merged = merge_catalogs(catalogs, MergeConfig(exclude_labels=("nocall",)))
    assert merged.target["primary_label"].to_list() == ["brnjay", "sthwoo1"]
    assert merged.departures.select("reason", "detail").rows() == [
        ("excluded_label", "labelled nocall")
    ]


def test_two_birds_in_one_stretch_are_no_conflict(of_2021: CatalogConfig) -> None:
    merged = merge_catalogs([(of_2021, read_catalog(of_2021))], MergeConfig())
    assert merged.conflicts.is_empty()


def test_a_table_of_another_form_is_told_its_columns(tmp_path: Path) -> None:
    config = publish(tmp_path, "train_soundscapes_labels.csv", "row_id,target\na,b\n")
    with pytest.raises(CatalogError, match="no column 'filename'"):
        read_catalog(config)


def test_every_row_of_2021_has_the_length_of_a_row(of_2021: CatalogConfig) -> None:
    table = read_catalog(of_2021)
    assert table.select((pl.col("end_s") - pl.col("start_s")).unique()).item() == 5.0
