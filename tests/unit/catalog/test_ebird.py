"""The eBird crosswalk."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import apply_taxonomy, read_ebird_taxonomy, resolve
from oscine.core import SourceError
from unit.catalog.factories import recordings

TAXONOMY = pl.DataFrame(
    {
        "species_code": ["sakfal1", "spbsan1", "chwwid"],
        "scientific_name": ["Falco cherrug", "Calidris pygmaea", "Antrostomus carolinensis"],
        "common_name": ["Saker Falcon", "Spoon-billed Sandpiper", "Chuck-will's-widow"],
    }
)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("sakfal1", "sakfal1"),
        ("Falco cherrug", "sakfal1"),
        ("saker falcon", "sakfal1"),
        ("Spoon_billed Sandpiper", "spbsan1"),
        ("Chuck-wills-widow", "chwwid"),
        ("  SAKER   FALCON ", "sakfal1"),
    ],
)
def test_a_label_is_found_by_code_or_name(label: str, code: str) -> None:
    found = resolve(pl.Series([label]), TAXONOMY)
    assert found.species["species_code"].to_list() == [code]
    assert found.unresolved == []


def test_unresolved_labels_are_listed_once_and_sorted() -> None:
    assert resolve(pl.Series(["dog", "cat", "dog", None]), TAXONOMY).unresolved == ["cat", "dog"]


def test_names_that_a_row_states_stay() -> None:
    table = recordings([{"primary_label": "Saker Falcon", "common_name": "Sakret"}])
    row = apply_taxonomy(table, TAXONOMY, "here").row(0, named=True)
    assert row["primary_label"] == "sakfal1"
    assert (row["common_name"], row["scientific_name"]) == ("Sakret", "Falco cherrug")


def test_a_name_of_a_species_and_of_a_form_means_the_species(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.csv"
    path.write_text(
        "CATEGORY,SPECIES_CODE,PRIMARY_COM_NAME,SCI_NAME\n"
        "domestic,rocpig1,Rock Pigeon,Columba livia\n"
        "species,rocpig,Rock Pigeon,Columba livia\n"
    )
    found = resolve(pl.Series(["Rock Pigeon"]), read_ebird_taxonomy(path))
    assert found.species["species_code"].to_list() == ["rocpig"]


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.csv"
    path.write_text("code,name\na,b\n")
    with pytest.raises(SourceError, match="lacks PRIMARY_COM_NAME, SCI_NAME, SPECIES_CODE"):
        read_ebird_taxonomy(path)


def test_the_real_2021_taxonomy_resolves_the_indian_folders(real_data: Path) -> None:
    taxonomy = read_ebird_taxonomy(real_data / "catalogs" / "2022" / "eBird_Taxonomy_v2021.csv")
    assert len(taxonomy) == 16_753
    folders = pl.Series([path.name for path in (real_data / "india").iterdir() if path.is_dir()])
    resolution = resolve(folders, taxonomy)
    # eBird calls it White-bellied Blue Robin.
    assert resolution.unresolved == ["Nilgiri Blue Robin"]
    assert len(resolution.species) == 11
