"""The folder that a download fills: nothing that is there is replaced."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import CatalogConfig, read_catalog
from oscine.catalog.download import DownloadFolder
from oscine.core import CatalogError, ConfigError
from unit.catalog.download.listings import labelled, row

ASKED = {"archive": "xeno-canto", "query": "gen:turdus"}


@pytest.fixture
def folder(tmp_path):
    return DownloadFolder(tmp_path / "xc")


def put(folder, *names):
    for name in names:
        folder.target(name).parent.mkdir(parents=True, exist_ok=True)
        folder.target(name).write_bytes(b"x")


def read(path):
    return pl.read_csv(path, infer_schema=False)


def failures(*ids):
    names = ("xc_id", "primary_label", "reason", "detail", "file_url", "url")
    rows = [(one, "a", "missing", "404", "http://a", "http://b") for one in ids]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def test_the_table_holds_what_is_there_and_the_table_source_reads_it(folder):
    put(folder, "Turdus merula/XC1.mp3")
    rows = labelled(
        row(
            1,
            rating="4",
            type=["song, male"],
            secondary_labels=["Erithacus rubecula"],
            latitude="40.5",
            longitude="-3.7",
            site='The "Prado", Madrid',
            date="2019-05-00",
        ),
        row(2),
    )
    assert folder.add(rows) == 1
    config = CatalogConfig(
        name="xc",
        source="table",
        path=folder.root,
        table="recordings.csv",
        audio="audio",
        role="pretrain",
    )
    (one,) = read_catalog(config).to_dicts()
    expected = {
        "recording_id": "xc/Turdus merula/XC1.mp3",
        "xc_id": "XC1",
        "primary_label": "Turdus merula",
        "scientific_name": "Turdus merula",
        "secondary_labels": ["Erithacus rubecula"],
        "type": ["song", "male"],
        "rating": 4.0,
        "latitude": 40.5,
        "longitude": -3.7,
        "site": 'The "Prado", Madrid',
        "date": "2019-05-00",
        "license": "CC BY 4.0",
        "author": "Ann Ear",
        "file_type": "mp3",
    }
    assert expected.items() <= one.items()


def test_rows_that_are_there_stay_as_they_are(folder):
    put(folder, "Turdus merula/XC1.mp3")
    folder.add(labelled(row(1)))
    mine = read(folder.table).with_columns(author=pl.lit("Corrected"), remark=pl.lit("mine"))
    mine.write_csv(folder.table)
    put(folder, "Turdus merula/XC2.mp3")
    assert folder.add(labelled(row(1), row(2))) == 2
    rows = read(folder.table)
    assert rows["author"].to_list() == ["Corrected", "Ann Ear"]
    assert rows["remark"].to_list() == ["mine", None]


def test_a_file_keeps_its_place_whatever_its_label_is_now(folder):
    put(folder, "Old name/XC1.mp3")
    folder.add(labelled(row(1)))
    assert read(folder.table)["filename"].to_list() == ["Old name/XC1.mp3"]


def test_nothing_is_written_when_nothing_is_there(folder):
    assert folder.add(labelled(row(1))) == 0
    assert not folder.root.exists()


def test_who_must_be_named_is_written(folder):
    put(folder, "a/XC1.mp3", "a/XC2.mp3", "a/XC3.mp3")
    folder.add(labelled(row(1), row(2), row(3, author="Bo", license=None)))
    assert read(folder.attribution).rows() == [
        ("Ann Ear", "CC BY 4.0", "2", "XC1 XC2"),
        ("Bo", "unknown", "1", "XC3"),
    ]


def test_a_table_of_another_make_is_refused(folder):
    put(folder, "a/XC1.mp3")
    folder.table.write_text("a,b\n1,2\n")
    with pytest.raises(CatalogError, match="lacks xc_id, filename, author, license"):
        folder.add(labelled(row(1)))
    assert folder.table.read_text() == "a,b\n1,2\n"


def test_failures_of_other_queries_stay_and_settled_ones_leave(folder):
    folder.write_failures(failures("XC1", "XC2", "XC3"), pl.Series(["XC1", "XC2", "XC3"]))
    put(folder, "a/XC3.mp3")
    folder.write_failures(failures("XC4"), pl.Series(["XC2", "XC4"]))
    assert read(folder.failures)["xc_id"].to_list() == ["XC1", "XC4"]


def test_no_failure_leaves_no_file(folder):
    folder.write_failures(failures("XC1"), pl.Series(["XC1"]))
    folder.write_failures(failures(), pl.Series(["XC1"]))
    assert not folder.failures.exists()


def test_two_kinds_of_labels_do_not_mix(folder):
    folder.note("eBird code", ASKED)
    folder.note("eBird code", ASKED)
    with pytest.raises(ConfigError, match="'eBird code', not 'scientific name'"):
        folder.note("scientific name", ASKED)
