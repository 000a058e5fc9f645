"""Labels of many years, resolved to the codes of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.catalog import Crosswalk, Match, TaxonomyConfig, read_crosswalk
from oscine.catalog.crosswalk import read_own_table
from oscine.core import LabelError, SourceError
from unit.catalog import taxonomies

OWN = "old,new\nhergul,American Herring Gull\nparus caeruleus,blutit\ndog,Canis familiaris\n"


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(
        taxonomies.write(
            tmp_path,
            newer=taxonomies.NEWER,
            older=taxonomies.OLDER,
            numbers=taxonomies.NUMBERS,
        )
    )


@pytest.fixture
def crosswalk(tables: tuple[Path, ...]) -> Crosswalk:
    return read_crosswalk(TaxonomyConfig(tables=tables))


@pytest.mark.parametrize(
    ("label", "match"),
    [
        ("graher1", Match("graher1", "code", 0)),
        ("Ardea cinerea", Match("graher1", "scientific_name", 0)),
        ("Grey Heron", Match("graher1", "common_name", 0)),
        ("brnjay", Match("brojay1", "older_code", 1)),
        ("comred", Match("redpol1", "older_code", 1)),
        ("hoared", Match("hoared", "code", 0)),
        ("Sylvia communis", Match("grewhi1", "scientific_name", 1)),
        ("hergul", Match("euhgul1", "older_code", 1)),
        ("extinc1", Match("extinc1", "only_older", 1)),
        ("grbher3", Match("graher1", "older_code", 2)),
        ("4956", Match("graher1", "older_code", 2)),
        ("1139490", Match("1139490", "only_older", 2)),
        ("dog", Match("dog", "unresolved")),
    ],
)
def test_a_label_of_any_year_becomes_todays_code(
    label: str, match: Match, crosswalk: Crosswalk
) -> None:
    assert crosswalk.find(label) == match


def test_a_code_goes_through_the_tables_between(tmp_path: Path) -> None:
    header = "species_code,sci_name,com_name\n"
    paths = taxonomies.write(
        tmp_path,
        third=f"{header}c,Tertia avis,Third Bird\n",
        second=f"{header}b,Secunda avis,Third Bird\n",
        first=f"{header}a,Secunda avis,First Bird\n",
    )
    assert read_crosswalk(TaxonomyConfig(tables=tuple(paths))).find("a").code == "c"


def test_a_name_that_two_species_share_is_unresolved(crosswalk: Crosswalk) -> None:
    match = crosswalk.find("Twin")
    assert (match.code, match.how) == ("Twin", "unresolved")
    assert "twin1, twin2" in match.detail


def test_forms_become_species_where_asked(tables: tuple[Path, ...]) -> None:
    crosswalk = read_crosswalk(TaxonomyConfig(tables=tables, roll_up_forms=True))
    assert crosswalk.find("hoared").code == crosswalk.find("comred").code == "redpol1"


@pytest.mark.parametrize(
    ("stated", "code", "how"),
    [
        (["Ardea cinerea"], "graher1", "stated_name"),
        (["Sylvia communis", "Curruca communis"], "grewhi1", "stated_name"),
        (["Ardea cinerea", "Curruca communis"], "mine", "unresolved"),
        (["Gray Heron"], "mine", "unresolved"),
        ([], "mine", "unresolved"),
    ],
)
def test_an_unknown_label_is_what_its_rows_state(
    stated: list[str], code: str, how: str, crosswalk: Crosswalk
) -> None:
    match = crosswalk.find("mine", stated)
    assert (match.code, match.how) == (code, how)


def test_a_known_label_does_not_ask_what_its_rows_state(crosswalk: Crosswalk) -> None:
    assert crosswalk.find("brnjay", ["Ardea cinerea"]).code == "brojay1"


@pytest.mark.parametrize(
    ("label", "code"),
    [("hergul", "amhgul1"), ("Parus_caeruleus", "blutit"), ("dog", "Canis familiaris")],
)
def test_ones_own_table_goes_before_the_others(
    label: str, code: str, tables: tuple[Path, ...], tmp_path: Path
) -> None:
    (own,) = taxonomies.write(tmp_path, own=OWN)
    match = read_crosswalk(TaxonomyConfig(tables=tables, crosswalk=own)).find(label)
    assert (match.code, match.how) == (code, "own_table")


def test_ones_own_table_needs_no_other(tmp_path: Path) -> None:
    (own,) = taxonomies.write(tmp_path, own=OWN)
    assert read_crosswalk(TaxonomyConfig(crosswalk=own)).find("dog").code == "Canis familiaris"


@pytest.mark.parametrize(
    ("label", "others"),
    [("hergul", ["amhgul1"]), ("Herring Gull", ["amhgul1"]), ("comred", []), ("graher1", [])],
)
def test_a_species_that_was_split_names_the_others(
    label: str, others: list[str], crosswalk: Crosswalk
) -> None:
    assert crosswalk.split_off(label, crosswalk.find(label).code) == others


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("old,new\na,b\nA,c\n", r"'A' becomes both 'b' and 'c' \(.*row 2\)"),
        ("old,new\na,\n", r"empty \(.*row 1\)"),
    ],
)
def test_a_label_with_two_meanings_or_none_is_an_error(
    text: str, message: str, tmp_path: Path
) -> None:
    (own,) = taxonomies.write(tmp_path, own=text)
    with pytest.raises(LabelError, match=message):
        read_own_table(own)


def test_ones_own_table_has_two_columns(tmp_path: Path) -> None:
    (own,) = taxonomies.write(tmp_path, own="from,to\na,b\n")
    with pytest.raises(SourceError, match="lacks new, old"):
        read_own_table(own)
