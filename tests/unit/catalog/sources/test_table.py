"""Any table, with a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.core import SourceError

MAPPING = {"primary_label": "species", "filename": "file", "author": "who"}


def config(root: Path, **settings: Any) -> CatalogConfig:
    defaults = {"table": "t.csv", "columns": MAPPING, "audio_required": False}
    return CatalogConfig(
        **{"name": "mine", "source": "table", "path": root, "role": "target"},
        **(defaults | settings),
    )


def write(root: Path, **columns: list[Any]) -> pl.DataFrame:
    table = pl.DataFrame({"species": ["a", "b"], "file": ["x/1.wav", "y/1.wav"], **columns})
    table.with_columns(who=pl.lit("Ann")).write_csv(root / "t.csv")
    return table


def test_columns_are_mapped_and_our_own_names_are_read(tmp_path: Path) -> None:
    write(tmp_path, rating=[3.5, 0.0], start_s=[0.0, 1.5], end_s=[5.0, 6.5])
    table = read_catalog(config(tmp_path))
    assert table["primary_label"].to_list() == ["a", "b"]
    assert table["author"].to_list() == ["Ann", "Ann"]
    assert table["rating"].to_list() == [3.5, None]
    assert table["start_s"].to_list() == [0.0, 1.5]


def test_file_names_that_are_no_archives_ids_are_told_apart_by_path(tmp_path: Path) -> None:
    write(tmp_path)
    assert read_catalog(config(tmp_path))["xc_id"].to_list() == ["mine/x/1", "mine/y/1"]


def test_ids_can_be_given(tmp_path: Path) -> None:
    write(tmp_path, xc_id=["r1", "r1"])
    assert read_catalog(config(tmp_path))["xc_id"].to_list() == ["r1", "r1"]


def test_parquet_with_real_lists_is_read(tmp_path: Path) -> None:
    rows = {"species": ["a"], "file": ["1.wav"], "who": ["Ann"], "secondary_labels": [["b", "a"]]}
    pl.DataFrame(rows).write_parquet(tmp_path / "t.parquet")
    table = read_catalog(config(tmp_path, table="t.parquet"))
    assert table["secondary_labels"].to_list() == [["b"]]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"table": None}, "must say which table"),
        ({"columns": MAPPING | {"autor": "who"}}, "autor, which is no column of ours"),
        ({"columns": MAPPING | {"filepath": "file"}}, "filepath, which is no column of ours"),
        ({"columns": {"filename": "file"}}, "which column is primary_label"),
        ({"columns": MAPPING | {"license": "cc"}}, "lacks cc"),
    ],
)
def test_a_mapping_that_does_not_fit_says_why(
    settings: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    write(tmp_path)
    with pytest.raises(SourceError, match=problem):
        read_catalog(config(tmp_path, **settings))


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet"])
def test_clips_are_read_from_every_kind_of_table(tmp_path: Path, name: str) -> None:
    table = pl.DataFrame(
        {
            "file": ["a.wav", "a.wav", "b.wav"],
            "from": ["00:00:05", "7.5", "01:02"],
            "to": ["00:00:10", "9", "01:00:00"],
            "species": ["a;b", "c", "a"],
        }
    )
    separator = "\t" if name.endswith("tsv") else ","
    if name.endswith("parquet"):
        table.write_parquet(tmp_path / name)
    else:
        table.write_csv(tmp_path / name, separator=separator)
    columns = {"primary_label": "species", "filename": "file", "start_s": "from", "end_s": "to"}
    clips = read_catalog(config(tmp_path, table=name, columns=columns))
    assert clips.select("start_s", "end_s", "primary_label", "secondary_labels").rows() == [
        (5.0, 10.0, "a", ["b", "c"]),
        (5.0, 10.0, "b", ["a", "c"]),
        (7.5, 9.0, "c", ["a", "b"]),
        (62.0, 3600.0, "a", []),
    ]


def test_several_labels_of_a_whole_recording_are_a_row_each(tmp_path: Path) -> None:
    rows = {"species": ["a; b"], "file": ["x.wav"], "secondary_labels": ["c"], "who": ["Ann"]}
    pl.DataFrame(rows).write_csv(tmp_path / "t.csv")
    table = read_catalog(config(tmp_path))
    assert table.select("primary_label", "secondary_labels").rows() == [
        ("a", ["c", "b"]),
        ("b", ["c", "a"]),
    ]


def test_a_time_that_is_none_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, start_s=["soon", "1"], end_s=["2", "3"])
    with pytest.raises(SourceError, match="start_s holds 'soon'"):
        read_catalog(config(tmp_path))
