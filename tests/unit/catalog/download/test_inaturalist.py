"""The sounds of an iNaturalist observations export."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from oscine.catalog.download.inaturalist import read_export
from oscine.core import SourceError

HEADER = (
    "id,uuid,observed_on_string,observed_on,time_observed_at,time_zone,user_id,user_login,"
    "user_name,created_at,updated_at,quality_grade,license,url,image_url,sound_url,tag_list,"
    "description,num_identification_agreements,num_identification_disagreements,"
    "captive_cultivated,oauth_application_id,place_guess,latitude,longitude,positional_accuracy,"
    "private_place_guess,private_latitude,private_longitude,public_positional_accuracy,geoprivacy,"
    "taxon_geoprivacy,coordinates_obscured,positioning_method,positioning_device,species_guess,"
    "scientific_name,common_name,iconic_taxon_name,taxon_id"
)
"""The header line of an export with the columns that are ticked at first, and the sound."""


def observation(number, **stated):
    return {
        "id": str(number),
        "observed_on": "2024-01-15",
        "time_observed_at": "2024-01-15 10:30:00 UTC",
        "user_login": "ann",
        "user_name": "Ann Ear",
        "quality_grade": "research",
        "license": "CC-BY-NC",
        "url": f"https://www.inaturalist.org/observations/{number}",
        "sound_url": f"https://static.inaturalist.org/sounds/{number + 1000}.m4a?1641022559",
        "description": 'It says "hello",\nand goes.',
        "place_guess": "Central Park",
        "latitude": "40.78",
        "longitude": "-73.97",
        "scientific_name": "Cardinalis cardinalis",
        "common_name": "Northern Cardinal",
    } | stated


def as_csv(*observations, header=HEADER):
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(observations)
    return text.getvalue()


@pytest.fixture
def export(tmp_path):
    def write(*observations, **options):
        path = tmp_path / "observations-1.csv"
        path.write_text(as_csv(*observations, **options), encoding="utf-8")
        return path

    return write


def test_a_sound_has_what_its_observation_states(export):
    (row,) = read_export(export(observation(7))).to_dicts()
    expected = {
        "xc_id": "iNat1007",
        "file_url": "https://static.inaturalist.org/sounds/1007.m4a?1641022559",
        "file_type": "m4a",
        "scientific_name": "Cardinalis cardinalis",
        "common_name": "Northern Cardinal",
        "quality": "research",
        "rating": None,
        "author": "Ann Ear",
        "license": "CC-BY-NC",
        "url": "https://www.inaturalist.org/observations/7",
        "latitude": 40.78,
        "longitude": -73.97,
        "site": "Central Park",
        "date": "2024-01-15",
        "time": None,
    }
    assert expected.items() <= row.items()


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"license": ""}, "license", "all rights reserved"),
        ({"user_name": ""}, "author", "ann"),
        ({"scientific_name": "Cardinalis cardinalis canicaudus"}, "subspecies", "canicaudus"),
        ({"scientific_name": "Cardinalis"}, "scientific_name", None),
        ({"sound_url": "https://a.org/7.wav"}, "xc_id", "iNat-observation7"),
        ({"sound_url": "ftp://a.org/7.wav"}, "file_url", None),
        ({"url": ""}, "url", "https://www.inaturalist.org/observations/7"),
        ({"latitude": ""}, "latitude", None),
    ],
)
def test_what_is_not_stated(export, changes, column, value):
    assert read_export(export(observation(7, **changes)))[column].to_list() == [value]


def test_observations_without_a_sound_are_passed_over(export):
    table = read_export(export(observation(1, sound_url=""), observation(2)))
    assert table["xc_id"].to_list() == ["iNat1002"]


def test_a_zip_file_is_read_as_it_comes(tmp_path):
    path = tmp_path / "observations-1.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("observations-1.csv", as_csv(observation(7)))
    assert read_export(path)["xc_id"].to_list() == ["iNat1007"]


def test_columns_that_were_not_ticked_are_null_but_for_those_that_are_needed(export):
    table = read_export(export(observation(7), header="id,sound_url,scientific_name,license"))
    assert table["author"].to_list() == [None]
    with pytest.raises(SourceError, match="lacks sound_url, license"):
        read_export(export(observation(7), header="id,scientific_name"))


def test_an_export_without_sounds_says_how_to_get_one(export):
    with pytest.raises(SourceError, match="has a sound"):
        read_export(export(observation(1, sound_url="")))


def test_a_path_without_export_and_a_zip_without_table_are_errors(tmp_path):
    with pytest.raises(SourceError, match="no such export"):
        read_export(tmp_path / "a.csv")
    with zipfile.ZipFile(tmp_path / "b.zip", "w"):
        pass
    with pytest.raises(SourceError, match="holds 0 CSV tables"):
        read_export(tmp_path / "b.zip")
    (tmp_path / "c.zip").write_text("x")
    with pytest.raises(SourceError, match="cannot be read"):
        read_export(tmp_path / "c.zip")
