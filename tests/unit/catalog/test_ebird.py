"""Taxonomy tables of every year."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import Taxon, TaxonomyTable, read_taxonomy
from oscine.catalog.ebird import Key, fold
from oscine.core import SourceError
from unit.catalog import taxonomies

API_FORM = "sciName,comName,speciesCode,category,reportAs\nAvis avis,Bird,bird1,species,\n"


@pytest.mark.parametrize(
    ("text", "code", "taxon"),
    [
        (
            taxonomies.OLDER,
            "amhgul1",
            Taxon(
                "amhgul1",
                "Larus argentatus smithsonianus",
                "Herring Gull (American)",
                "issf",
                "hergul",
            ),
        ),
        (taxonomies.NEWER, "graher1", Taxon("graher1", "Ardea cinerea", "Gray Heron")),
        (
            taxonomies.NUMBERS,
            "grbher3",
            Taxon("grbher3", "Ardea cinerea", "Grey Heron", number="4956"),
        ),
        (API_FORM, "bird1", Taxon("bird1", "Avis avis", "Bird")),
    ],
    ids=["2021", "later", "competition", "programs"],
)
def test_the_columns_of_every_year_are_known(
    text: str, code: str, taxon: Taxon, tmp_path: Path
) -> None:
    (path,) = taxonomies.write(tmp_path, table=text)
    assert read_taxonomy(path).taxa[code] == taxon


@pytest.fixture
def newer(tmp_path: Path) -> TaxonomyTable:
    return read_taxonomy(taxonomies.write(tmp_path, newer=taxonomies.NEWER)[0])


@pytest.mark.parametrize(
    ("key", "text", "codes"),
    [
        ("code", "graher1", ("graher1",)),
        ("code", "GRAHER1", ("graher1",)),
        ("scientific_name", "ardea_cinerea", ("graher1",)),
        ("common_name", "  GREY   heron ", ("graher1",)),
        ("common_name", "Rock Pigeon", ("rocpig",)),
        ("common_name", "twin", ("twin1", "twin2")),
        ("common_name", "", ()),
        ("scientific_name", "graher1", ()),
    ],
)
def test_a_taxon_is_found_by_its_code_or_names(
    key: Key, text: str, codes: tuple[str, ...], newer: TaxonomyTable
) -> None:
    assert newer.codes(key, text) == codes


def test_a_number_of_inaturalist_stands_for_the_label(tmp_path: Path) -> None:
    table = read_taxonomy(taxonomies.write(tmp_path, numbers=taxonomies.NUMBERS)[0])
    assert table.codes("code", "4956") == ("grbher3",)
    assert table.codes("code", "1139490") == ("1139490",)


def test_forms_are_listed_under_their_species(tmp_path: Path) -> None:
    table = read_taxonomy(taxonomies.write(tmp_path, older=taxonomies.OLDER)[0])
    assert table.forms == {"hergul": ("amhgul1", "euhgul1")}


def test_a_species_that_is_reported_as_itself_is_no_form(tmp_path: Path) -> None:
    text = "species_code,sci_name,com_name,report_as\na,Avis avis,A,a\n"
    table = read_taxonomy(taxonomies.write(tmp_path, table=text)[0])
    assert table.taxa["a"].report_as == ""
    assert table.forms == {}


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Chuck-will's-widow", "chuck wills widow"), ("Grey\u2019s_Coloured  x", "greys colored x")],
)
def test_case_and_signs_do_not_matter_in_names(text: str, plain: str) -> None:
    assert fold(text) == plain


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.csv"
    path.write_text("code,name\na,b\n")
    with pytest.raises(SourceError, match="lacks a column for code, scientific_name, common_name"):
        read_taxonomy(path)


def test_the_real_2021_taxonomy_is_read(real_data: Path) -> None:
    table = read_taxonomy(real_data / "catalogs" / "2022" / "eBird_Taxonomy_v2021.csv")
    assert len(table.taxa) == 16_753
    # The label of 2023 is a form in 2021.
    assert table.taxa["gnbcam2"].report_as == "grbcam1"
