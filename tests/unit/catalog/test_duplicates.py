"""One recording under several rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings

from oscine.catalog import (
    AUDIT,
    CLUSTERS,
    CatalogConfig,
    by_bytes,
    by_key,
    check,
    conform,
    drop_overlap,
    label_conflicts,
    overlap_by_bytes,
    read_catalog,
)
from oscine.core import hash_file
from unit.catalog.factories import audited, recordings, tables

KEY = ("xc_id", "primary_label", "author")


def test_the_first_of_equal_keys_stays_and_is_named() -> None:
    row = {"xc_id": "XC7", "author": "Ann"}
    outcome = by_key(recordings([row, {"xc_id": "XC8"}, row]), KEY)
    assert outcome.kept["xc_id"].to_list() == ["XC7", "XC8"]
    assert outcome.departures["detail"].to_list() == ["same as a/brant/0-XC7.ogg"]
    assert outcome.departures["instead"].to_list() == ["a/brant/0-XC7.ogg"]


@pytest.mark.parametrize("column", KEY)
def test_rows_that_differ_in_one_column_of_the_key_both_stay(column: str) -> None:
    row = {"xc_id": "XC7", "primary_label": "brant", "author": "Ann"}
    assert len(by_key(recordings([row, row | {column: "other"}]), KEY).kept) == 2


def test_unstated_recordists_are_equal_as_in_pandas() -> None:
    assert len(by_key(recordings([{"xc_id": "XC7"}] * 2), KEY).kept) == 1


def test_two_clips_of_one_recording_are_no_duplicates() -> None:
    clips = [{"xc_id": "XC7", "start_s": start, "end_s": start + 5.0} for start in (0.0, 5.0, 5.0)]
    assert len(by_key(recordings(clips), KEY).kept) == 2


@given(table=tables())
@settings(max_examples=25, deadline=None)
def test_dropping_duplicates_agrees_with_pandas(table: pl.DataFrame) -> None:
    rows = pd.DataFrame(table.to_dicts(), columns=table.columns)
    oracle = rows.drop_duplicates(list(KEY), keep="first")
    assert by_key(table, KEY).kept["recording_id"].to_list() == oracle["recording_id"].to_list()


def test_what_the_target_holds_leaves_pretraining() -> None:
    pretrain = recordings([{"xc_id": "XC1"}, {"xc_id": "XC2"}], "p")
    target = recordings([{"xc_id": "XC2", "primary_label": "gadwal"}] * 2, "t")
    outcome = drop_overlap(pretrain, target)
    assert outcome.kept["xc_id"].to_list() == ["XC1"]
    assert outcome.departures["reason"].to_list() == ["target_overlap"]
    assert outcome.departures["detail"].to_list() == ["same as t/gadwal/0-XC2.ogg"]
    assert outcome.departures["instead"].to_list() == ["t/gadwal/0-XC2.ogg"]


def test_identical_files_under_one_label_keep_the_first() -> None:
    table = recordings([{}, {}, {}])
    twins = by_bytes(table, audited(table, content_hash=["x", "y", "x"]))
    assert twins.kept["xc_id"].to_list() == ["XC1", "XC2"]
    assert twins.departures["detail"].to_list() == ["same bytes as a/brant/0-XC1.ogg"]
    assert twins.departures["instead"].to_list() == ["a/brant/0-XC1.ogg"]
    assert twins.conflicts.is_empty()
    assert twins.clusters.is_empty()


def test_identical_files_under_two_labels_stay_as_a_conflict_in_one_cluster() -> None:
    table = recordings([{}, {"primary_label": "gadwal"}, {}])
    twins = by_bytes(table, audited(table, content_hash=["x", "x", "y"]))
    assert len(twins.kept) == 3
    assert twins.conflicts["detail"].to_list() == ["x stands as brant, gadwal"] * 2
    assert not twins.conflicts["quarantined"].any()
    assert twins.clusters["cluster"].to_list() == ["x", "x"]
    check(twins.clusters, CLUSTERS)


def test_files_without_hash_have_no_twin() -> None:
    table = recordings([{}, {}])
    twins = by_bytes(table, audited(table, content_hash=[None, None]))
    assert len(twins.kept) == 2
    assert twins.clusters.is_empty()


def test_pretraining_files_identical_to_a_target_file_leave() -> None:
    pretrain, target = recordings([{}, {}], "p"), recordings([{}], "t")
    both = pl.concat([pretrain, target])
    audit = audited(both, content_hash=["x", "y", "y"])
    outcome = overlap_by_bytes(pretrain, target, audit)
    assert outcome.kept["xc_id"].to_list() == ["XC1"]
    assert outcome.departures["reason"].to_list() == ["target_overlap"]


def test_the_same_recording_under_two_labels_is_a_conflict() -> None:
    rows = [{"xc_id": "XC5"}, {"xc_id": "XC5", "primary_label": "gadwal"}, {"xc_id": "XC6"}]
    conflicts = label_conflicts(recordings(rows))
    assert conflicts["detail"].to_list() == ["XC5 stands as brant, gadwal"] * 2


def test_clips_of_one_recording_may_have_different_labels() -> None:
    rows = [
        {"xc_id": "XC5", "start_s": 0.0, "end_s": 5.0},
        {"xc_id": "XC5", "start_s": 5.0, "end_s": 9.0, "primary_label": "gadwal"},
    ]
    assert label_conflicts(recordings(rows)).is_empty()


@pytest.mark.parametrize(("name", "departed"), [("india", 4), ("animals", 45)])
def test_the_twins_of_the_real_folders_are_found(name: str, departed: int, real_data: Path) -> None:
    config = CatalogConfig(name=name, source="folder", path=real_data / name, role="target")
    table = read_catalog(config)
    hashes = [hash_file(Path(path)) for path in table["filepath"]]
    audit = conform(table.with_columns(content_hash=pl.Series(hashes)), AUDIT)
    twins = by_bytes(table, audit)
    assert len(twins.departures) == departed
    assert twins.conflicts.is_empty()


def test_clips_of_one_file_are_no_twins_for_sharing_its_bytes() -> None:
    bounds = [{"start_s": 5.0 * place, "end_s": 5.0 * place + 5.0} for place in range(3)]
    rows = [row | {"filepath": "/data/x.wav", "xc_id": "x"} for row in bounds]
    table = recordings(rows)
    twins = by_bytes(table, audited(table, content_hash=["x"] * 3))
    assert len(twins.kept) == 3
    assert twins.clusters.is_empty()
    assert twins.conflicts.is_empty()


def test_clips_of_two_copies_of_a_file_are_one_cluster() -> None:
    rows = [
        {"filepath": f"/data/{file}.wav", "xc_id": file, "start_s": start, "end_s": start + 1.0}
        for file, start in (("x", 0.0), ("copy", 3.0))
    ]
    table = recordings(rows)
    twins = by_bytes(table, audited(table, content_hash=["x"] * 2))
    assert len(twins.clusters) == 2


def test_rows_that_name_each_others_label_as_secondary_agree() -> None:
    rows = [
        {"xc_id": "XC5", "primary_label": "brant", "secondary_labels": ["gadwal", "merlin"]},
        {"xc_id": "XC5", "primary_label": "gadwal", "secondary_labels": ["brant"]},
    ]
    assert label_conflicts(recordings(rows)).is_empty()
    one_sided = [rows[0], rows[1] | {"secondary_labels": []}]
    assert len(label_conflicts(recordings(one_sided))) == 2
