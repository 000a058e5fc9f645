"""The sounds of a Darwin Core Archive."""

from __future__ import annotations

import zipfile

import polars as pl
import pytest

from oscine.catalog.download.gbif import read_export
from oscine.core import SourceError

MEDIA = (
    "gbifID\ttype\tformat\tidentifier\treferences\ttitle\tdescription\tsource\taudience\tcreated\t"
    "creator\tcontributor\tpublisher\tlicense\trightsHolder"
)
"""The header line of GBIF's multimedia.txt."""

OCCURRENCE = (
    "gbifID\tlicense\tcatalogNumber\trecordedBy\tspecies\tscientificName\tinfraspecificEpithet\t"
    "vernacularName\tdecimalLatitude\tdecimalLongitude\tlocality\tcountryCode\teventDate\tbehavior"
)
"""Those columns of its occurrence.txt that are read; the real one has more than 200."""


def media(gbif_id, kind, form, address, creator="", license_=""):
    cells = (gbif_id, kind, form, address, "", "", "", "", "", "", creator, "", "", license_, "")
    return "\t".join(cells)


def occurrence(gbif_id, species, name, **stated):
    names = OCCURRENCE.split("\t")
    cells = {"gbifID": gbif_id, "species": species, "scientificName": name} | stated
    return "\t".join(cells.get(name, "") for name in names)


@pytest.fixture
def export(tmp_path):
    """Writes an archive as GBIF gives it out."""

    def write(media_rows, occurrence_rows, as_zip=True):
        tables = {
            "multimedia.txt": "\n".join([MEDIA, *media_rows, ""]),
            "occurrence.txt": "\n".join([OCCURRENCE, *occurrence_rows, ""]),
            "citations.txt": "When using this dataset please use the following citation",
        }
        if not as_zip:
            for name, text in tables.items():
                (tmp_path / name).write_text(text, encoding="utf-8")
            return tmp_path
        path = tmp_path / "0012345-240321170329656.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in tables.items():
                archive.writestr(name, text)
        return path

    return write


STATED = {
    "license": "CC_BY_NC_4_0",
    "recordedBy": "Ann Ear",
    "decimalLatitude": "52.1",
    "decimalLongitude": "4.5",
    "locality": 'De "Horsten"',
    "countryCode": "NL",
    "eventDate": "2019-05-03T05:10:00/2019-05-03T05:12",
    "behavior": "song",
}


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_sound_has_what_its_occurrence_states(export, as_zip):
    path = export(
        [
            media("7", "StillImage", "image/jpeg", "https://a.org/1.jpg"),
            media("7", "Sound", "audio/mpeg", "https://a.org/1/download", "Bo", "http://cc/by/4.0"),
        ],
        [occurrence("7", "Turdus merula", "Turdus merula Linnaeus, 1758", **STATED)],
        as_zip,
    )
    (row,) = read_export(path).to_dicts()
    expected = {
        "xc_id": "GBIF7",
        "file_url": "https://a.org/1/download",
        "file_type": "mp3",
        "scientific_name": "Turdus merula",
        "author": "Bo",
        "license": "http://cc/by/4.0",
        "url": "https://www.gbif.org/occurrence/7",
        "latitude": 52.1,
        "longitude": 4.5,
        "site": 'De "Horsten"',
        "country": "NL",
        "date": "2019-05-03",
        "time": "05:10",
        "type": ["song"],
        "rating": None,
    }
    assert expected.items() <= row.items()


def test_what_the_sound_does_not_state_its_occurrence_does(export):
    path = export(
        [media("7", "Sound", "", "https://a.org/1.wav")],
        [occurrence("7", "Turdus merula", "x", **STATED)],
    )
    (row,) = read_export(path).to_dicts()
    assert (row["author"], row["license"]) == ("Ann Ear", "CC BY-NC 4.0")


def test_recordings_of_other_archives_keep_their_ids(export):
    path = export(
        [
            media("1", "Sound", "audio/mpeg", "https://xeno-canto.org/sounds/XC99-a.mp3"),
            media("2", "Sound", "audio/mp4", "https://static.inaturalist.org/sounds/55.m4a"),
            media("3", "Sound", "audio/mpeg", "https://a.org/1.mp3"),
            media("3", "", "audio/x-wav", "https://a.org/second"),
            media("4", "Sound", "", "https://a.org/nothing"),
        ],
        [
            occurrence("1", "Turdus merula", "x", catalogNumber="XC99"),
            *(occurrence(one, "Turdus merula", "x", catalogNumber=f"NL.{one}") for one in "234"),
        ],
    )
    table = read_export(path)
    assert table.select("xc_id", "file_type").rows() == [
        ("XC99", "mp3"),
        ("iNat55", "m4a"),
        ("GBIF3", "mp3"),
        ("GBIF3-2", "wav"),
        ("GBIF4", "audio"),
    ]


def test_an_occurrence_above_the_species_has_no_species(export):
    path = export(
        [media("1", "Sound", "audio/mpeg", "https://a.org/1.mp3")],
        [occurrence("1", "", "Turdus Linnaeus, 1758")],
    )
    assert read_export(path)["scientific_name"].to_list() == [None]


def test_an_address_that_is_none_of_the_web_is_not_followed(export):
    path = export(
        [media("1", "Sound", "audio/mpeg", "file:///etc/passwd")],
        [occurrence("1", "Turdus merula", "x")],
    )
    assert read_export(path)["file_url"].to_list() == [None]


def test_the_export_is_left_as_it_was(export, tmp_path):
    path = export(
        [media("1", "Sound", "audio/mpeg", "https://a.org/1.mp3")],
        [occurrence("1", "Turdus merula", "x")],
    )
    read_export(path)
    assert list(tmp_path.iterdir()) == [path]


def test_an_archive_without_sounds_says_how_to_get_one(export):
    path = export([media("1", "StillImage", "image/jpeg", "https://a.org/1.jpg")], [])
    with pytest.raises(SourceError, match="holds no sound"):
        read_export(path)


def test_a_simple_download_is_told_from_an_archive(tmp_path):
    path = tmp_path / "simple.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0012345.csv", "gbifID\n1\n")
    with pytest.raises(SourceError, match=r"no multimedia\.txt") as caught:
        read_export(path)
    assert "not Simple" in str(caught.value)


def test_a_path_without_export_and_a_file_that_is_no_zip_are_errors(tmp_path):
    with pytest.raises(SourceError, match="no such export"):
        read_export(tmp_path / "a.zip")
    (tmp_path / "b.zip").write_text("x")
    with pytest.raises(SourceError, match="no zip file"):
        read_export(tmp_path / "b.zip")


def test_a_table_without_its_key_is_an_error(tmp_path):
    pl.DataFrame({"a": [1]}).write_csv(tmp_path / "multimedia.txt", separator="\t")
    with pytest.raises(SourceError, match="lacks gbifID, identifier"):
        read_export(tmp_path)
