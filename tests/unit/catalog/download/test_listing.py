"""What an archive offers, in one form; and labels."""

from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog.download import LISTING, label, make_listing
from oscine.catalog.download.listing import file_type, species_name, subspecies_name
from oscine.core import CatalogError
from unit.catalog.download.listings import CROSSWALK, listing, row


@pytest.mark.parametrize(
    ("stated", "species"),
    [
        ("Turdus merula", "Turdus merula"),
        (" Turdus merula ", "Turdus merula"),
        ("Turdus merula merula", "Turdus merula"),
        ("Zosterops minor-x", "Zosterops minor-x"),
        ("Müllerornis señalus", "Müllerornis señalus"),
        ("Turdus", None),
        ("Turdus sp.", None),
        ("Turdus sp", None),
        ("Turdus merula/philomelos", None),
        ("Anas acuta x crecca", None),
        ("Anas acuta \u00d7 Anas crecca", None),
        ("Turdus Linnaeus, 1758", None),
        ("Mystery mystery", None),
        ("Sonus naturalis", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_name_of_one_species_is_a_species(stated, species):
    table = pl.DataFrame({"name": [stated]}, schema={"name": pl.String})
    assert table.select(species_name(pl.col("name"))).item() == species


def test_the_third_word_is_the_subspecies():
    names = pl.DataFrame({"a": ["Turdus merula azorensis", "Turdus merula", "Anas a x b"]})
    found = names.select(subspecies_name(pl.col("a")))["a"]
    assert found.to_list() == ["azorensis", None, None]


def test_a_listing_has_types_and_each_recording_once():
    table = listing(
        row(1, latitude="95", rating="4", type=["song, male"], secondary_labels=[""]),
        row(1, rating="2"),
        row(2, duration_s="65", date="?"),
    )
    assert dict(table.schema) == {name: column.dtype for name, column in LISTING.items()}
    first, second = table.to_dicts()
    assert (first["rating"], first["latitude"], first["type"]) == (4.0, None, ["song", "male"])
    assert first["secondary_labels"] == []
    assert (second["duration_s"], second["date"]) == (65.0, None)


def test_a_subspecies_in_the_name_is_read_where_the_archive_has_no_place_for_it():
    rows = pl.DataFrame({"xc_id": ["iNat1"], "file_type": ["wav"], "stated_name": ["A" + "a b c"]})
    assert make_listing(rows, "x")["subspecies"].to_list() == [None]
    rows = rows.with_columns(stated_name=pl.lit("Turdus merula azorensis"))
    assert make_listing(rows, "x")["subspecies"].to_list() == ["azorensis"]


def test_an_id_that_is_missing_is_an_error():
    with pytest.raises(CatalogError, match="xc_id has 1 empty"):
        listing(row(1, xc_id=None))


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("XC1-a.b.MP3", "mp3"),
        ("https://a.org/sounds/7.m4a?123", "m4a"),
        ("https://a.org/7/download", None),
        ("https://a.org/a.php", None),
        ("../../evil", None),
        (None, None),
    ],
)
def test_an_extension_is_that_of_a_sound(name, extension):
    assert file_type(name) == extension


def test_without_a_taxonomy_the_label_is_the_scientific_name():
    named = label(listing(row(1), row(2, "Turdus sp.")), None)
    assert named.table["primary_label"].to_list() == ["Turdus merula", None]
    assert named.unresolved == []


def test_a_taxonomy_gives_codes_to_the_voice_and_to_those_behind_it():
    table = listing(
        row(1, secondary_labels=["Erithacus rubecula", "Felis catus", "European Robin"]),
        row(2, "Parus major"),
        row(3, "Turdus sp."),
    )
    named = label(table, CROSSWALK)
    assert named.table["primary_label"].to_list() == ["eurbla", "Parus major", None]
    assert named.table["secondary_labels"].to_list() == [["eurrob1", "Felis catus"], [], []]
    assert named.table["common_name"].to_list() == ["Eurasian Blackbird", None, None]
    assert named.unresolved == ["Parus major"]
    assert named.unresolved_behind == ["Felis catus"]
