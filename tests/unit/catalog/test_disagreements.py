"""Names and codes that contradict each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oscine.catalog import Crosswalk, TaxonomyConfig, read_crosswalk
from oscine.catalog.disagreements import disagreements
from unit.catalog import taxonomies
from unit.catalog.factories import recordings

NOTHING = Crosswalk(())


@pytest.fixture
def crosswalk(tmp_path: Path) -> Crosswalk:
    paths = taxonomies.write(tmp_path, newer=taxonomies.NEWER, older=taxonomies.OLDER)
    return read_crosswalk(TaxonomyConfig(tables=tuple(paths)))


def named(*pairs: tuple[str, str | None], catalog: str = "a") -> dict[str, Any]:
    rows = [{"primary_label": code, "scientific_name": name} for code, name in pairs]
    return {catalog: recordings(rows, catalog)}


def test_a_name_under_two_codes_is_listed_over_all_catalogs() -> None:
    tables = named(("grbher3", "Ardea cinerea")) | named(
        ("graher1", "Ardea cinerea"), ("graher1", "Ardea cinerea"), catalog="b"
    )
    (found,) = disagreements(tables, NOTHING)
    assert found["kind"] == "two_codes"
    assert found["codes"] == ["graher1", "grbher3"]
    assert found["catalogs"] == ["a", "b"]
    assert found["recordings"] == 3


def test_a_code_with_two_names_is_listed() -> None:
    tables = named(("brant", "Branta bernicla"), ("brant", "Branta leucopsis"), ("brant", None))
    (found,) = disagreements(tables, NOTHING)
    assert (found["kind"], found["codes"]) == ("two_names", ["brant"])
    assert found["names"] == ["Branta bernicla", "Branta leucopsis"]
    assert found["recordings"] == 2


def test_names_of_two_years_for_one_species_agree(crosswalk: Crosswalk) -> None:
    tables = named(("grewhi1", "Sylvia communis"), ("grewhi1", "Curruca communis"))
    assert disagreements(tables, crosswalk) == []
    assert [entry["kind"] for entry in disagreements(tables, NOTHING)] == ["two_names"]


@pytest.mark.parametrize(
    ("name", "detail"),
    [("Curruca communis", "is grewhi1"), ("Avis nova", "no table has Avis nova")],
)
def test_a_name_that_is_not_the_codes_is_listed(
    name: str, detail: str, crosswalk: Crosswalk
) -> None:
    (found,) = disagreements(named(("graher1", name)), crosswalk)
    assert found["kind"] == "another_name"
    assert "graher1 is Ardea cinerea" in found["detail"]
    assert found["detail"].endswith(detail)


def label(name: str, code: str, how: str = "code") -> dict[str, Any]:
    return {
        "catalog": "a",
        "label": name,
        "code": code,
        "how": how,
        "table": None if how == "own_table" else 0,
        "recordings": 5,
    }


def test_a_label_of_a_species_that_was_split_is_listed(crosswalk: Crosswalk) -> None:
    (found,) = disagreements({}, crosswalk, [label("hergul", "euhgul1")])
    assert (found["kind"], found["recordings"]) == ("split", 5)
    assert "amhgul1" in found["detail"]


def test_a_split_that_ones_own_table_has_decided_is_not(crosswalk: Crosswalk) -> None:
    decided = label("hergul", "amhgul1", "own_table") | {"table": 0}
    assert disagreements({}, crosswalk, [decided]) == []


def test_a_form_is_listed_with_its_species(crosswalk: Crosswalk) -> None:
    (found,) = disagreements({}, crosswalk, [label("hoared", "hoared")])
    assert found["kind"] == "form"
    assert found["detail"] == "hoared is a form (issf) of redpol1"


def test_what_ones_own_table_says_and_no_taxonomy_knows_is_listed(crosswalk: Crosswalk) -> None:
    meant = label("dog", "Canis familiaris", "own_table")
    (found,) = disagreements({}, crosswalk, [meant])
    assert found["kind"] == "unknown_code"
    assert "'Canis familiaris', which no taxonomy knows" in found["detail"]
    assert disagreements({}, NOTHING, [meant]) == []
