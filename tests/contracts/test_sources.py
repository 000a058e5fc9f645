"""One conformance suite over every kind of catalog."""

from __future__ import annotations

import shutil
from pathlib import Path

import fsspec
import polars as pl
import pytest

from oscine.catalog import RECORDINGS, SOURCES, CatalogConfig, catalog_inputs, check, read_catalog
from oscine.core import SourceError, location
from unit.catalog.published import CLIPS, HEADERS, TABLES, publish
from web import Web

KINDS = sorted(SOURCES)
WITH_TABLE = sorted(HEADERS)
OF_CLIPS = sorted(CLIPS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_declares_its_kind_and_one_line_about_it(kind: str) -> None:
    source = SOURCES[kind]
    assert kind == source.KIND
    assert source.DESCRIPTION
    assert "\n" not in source.DESCRIPTION


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_keeps_the_column_contract(kind: str, tmp_path: Path) -> None:
    table = read_catalog(publish(kind, tmp_path))
    check(table, RECORDINGS)
    assert table.columns == list(RECORDINGS)
    assert len(table) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_points_at_its_file(kind: str, tmp_path: Path) -> None:
    table = read_catalog(publish(kind, tmp_path))
    assert all(Path(path).is_file() for path in table["filepath"])
    assert table["filename"].to_list() == [Path(path).name for path in table["filepath"]]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_and_archive_ids_are_the_same_in_every_kind(kind: str, tmp_path: Path) -> None:
    table = read_catalog(publish(kind, tmp_path)).sort("xc_id")
    assert table["primary_label"].to_list() == ["aldfly", "aldfly", "norcar"]
    assert table["xc_id"].to_list() == ["XC1", "XC2", "XC3"]


@pytest.mark.parametrize("kind", KINDS)
def test_ids_begin_with_the_catalogs_name(kind: str, tmp_path: Path) -> None:
    table = read_catalog(publish(kind, tmp_path, name="mine"))
    assert table["recording_id"].str.starts_with("mine/").all()
    assert table["catalog"].unique().to_list() == ["mine"]


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_names_recordist_licence_and_place_are_read(kind: str, tmp_path: Path) -> None:
    first = read_catalog(publish(kind, tmp_path)).row(0, named=True)
    assert first["scientific_name"] == "Empidonax alnorum"
    assert first["common_name"] == "Alder Flycatcher"
    assert first["author"] == "Ann Other"
    assert first["license"] == "Creative Commons Attribution-ShareAlike 3.0"
    assert (first["latitude"], first["longitude"], first["rating"]) == (44.5, -72.1, 3.5)


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_a_missing_column_is_named(kind: str, tmp_path: Path) -> None:
    config = publish(kind, tmp_path)
    path = tmp_path / TABLES.get(kind, "train_metadata.csv")
    pl.read_csv(path, infer_schema=False).drop("author").write_csv(path)
    with pytest.raises(SourceError, match="lacks author"):
        read_catalog(config)


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_a_missing_table_is_named(kind: str, tmp_path: Path) -> None:
    config = publish(kind, tmp_path)
    (tmp_path / TABLES.get(kind, "train_metadata.csv")).unlink()
    with pytest.raises(SourceError, match="no such table"):
        read_catalog(config)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_audio_is_an_error(kind: str, tmp_path: Path) -> None:
    config = publish(kind, tmp_path)
    for folder in filter(Path.is_dir, list(tmp_path.iterdir())):
        shutil.rmtree(folder)
    with pytest.raises(SourceError):
        read_catalog(config)


@pytest.mark.parametrize("kind", OF_CLIPS)
def test_clips_have_bounds_and_whole_recordings_have_none(kind: str, tmp_path: Path) -> None:
    clips = read_catalog(publish(kind, tmp_path))
    assert (clips["end_s"] > clips["start_s"]).all()
    whole = read_catalog(publish("birdclef2023", tmp_path / "whole"))
    assert whole["start_s"].null_count() == whole["end_s"].null_count() == len(whole)


@pytest.mark.parametrize("kind", OF_CLIPS)
def test_a_catalog_of_clips_without_any_table_is_an_error(kind: str, tmp_path: Path) -> None:
    config = publish(kind, tmp_path)
    for path in filter(Path.is_file, list(tmp_path.iterdir())):
        path.unlink()
    with pytest.raises(SourceError, match="no such table"):
        read_catalog(config)


@pytest.mark.parametrize("kind", [*WITH_TABLE, *OF_CLIPS])
def test_absent_audio_can_be_allowed_and_is_said_loudly(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = publish(kind, tmp_path, audio_required=False)
    for folder in filter(Path.is_dir, list(tmp_path.iterdir())):
        shutil.rmtree(folder)
    assert len(read_catalog(config)) == 3
    assert "AUDIO NOT REQUIRED" in caplog.text


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_unstated_values_are_null(kind: str, tmp_path: Path) -> None:
    cells = {"rating": "0.0", "latitude": "", "license": "-", "type": "['']"}
    first = read_catalog(publish(kind, tmp_path, {0: cells})).row(0, named=True)
    assert [first[name] for name in ("rating", "latitude", "license")] == [None] * 3
    assert first["type"] == []


def put_up(config: CatalogConfig, folder: Path, bucket: str) -> CatalogConfig:
    """Copy a catalog to a bucket, and give the settings that read it there."""
    memory = fsspec.filesystem("memory")
    for path in folder.rglob("*"):
        if path.is_file():
            memory.pipe(f"{bucket}/data/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return config.model_copy(update={"path": location(f"{bucket}/data")})


def assert_same_rows(remote: pl.DataFrame, local: pl.DataFrame, root: str, folder: Path) -> None:
    assert remote.drop("filepath").equals(local.drop("filepath"))
    paths = [path.replace(str(folder), root) for path in local["filepath"]]
    assert remote["filepath"].to_list() == paths


@pytest.mark.parametrize("kind", KINDS)
def test_a_catalog_in_a_bucket_gives_the_rows_it_gives_here(
    kind: str, tmp_path: Path, bucket: str
) -> None:
    config = publish(kind, tmp_path)
    table = read_catalog(put_up(config, tmp_path, bucket))
    assert_same_rows(table, read_catalog(config), f"{bucket}/data", tmp_path)


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_a_catalog_on_a_web_server_that_lists_nothing_gives_the_rows_it_gives_here(
    kind: str, web: Web
) -> None:
    web.lists_folders = False
    config = publish(kind, web.folder)
    table = read_catalog(config.model_copy(update={"path": location(web.url)}))
    assert_same_rows(table, read_catalog(config), web.url, web.folder)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bucket_that_is_not_there_is_an_error(kind: str, tmp_path: Path, bucket: str) -> None:
    config = publish(kind, tmp_path).model_copy(update={"path": location(f"{bucket}/nowhere")})
    with pytest.raises(SourceError, match="nowhere"):
        read_catalog(config)


@pytest.mark.parametrize("kind", WITH_TABLE)
def test_a_table_without_its_audio_in_the_bucket_is_an_error(
    kind: str, tmp_path: Path, bucket: str
) -> None:
    config = publish(kind, tmp_path)
    for folder in filter(Path.is_dir, list(tmp_path.iterdir())):
        shutil.rmtree(folder)
    with pytest.raises(SourceError):
        read_catalog(put_up(config, tmp_path, bucket))


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_says_what_its_rows_follow_from(kind: str, tmp_path: Path) -> None:
    inputs = catalog_inputs(publish(kind, tmp_path))
    assert inputs.tables or inputs.names
    assert all(Path(str(path)).is_file() for path in inputs.tables)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_yet_can_be_asked_about(kind: str, tmp_path: Path) -> None:
    config = publish(kind, tmp_path).model_copy(update={"path": tmp_path / "nowhere"})
    assert not [path for path in catalog_inputs(config).tables if Path(str(path)).exists()]
