"""The class list."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings

from oscine.catalog import ClassList, Species, class_list, lost_classes
from oscine.core import LabelError
from unit.catalog.factories import recordings, shuffled, tables

CLASSES = ClassList(
    (Species("brant", "Branta bernicla", "Brant"), Species("gadwal"), Species("42", "Rana arvalis"))
)


def test_labels_find_their_places() -> None:
    assert CLASSES.index(pl.Series(["42", "brant", "42"])).tolist() == [2, 0, 2]
    assert CLASSES.index([]).tolist() == []


def test_an_unknown_label_is_an_error_that_names_labels_and_rows() -> None:
    with pytest.raises(LabelError, match=r"2 labels .*: owl, wren \(3 rows: 1, 2, 4\)"):
        CLASSES.index(["brant", "wren", "owl", "42", "wren"])


def test_an_unknown_label_names_its_recordings_where_they_are_known() -> None:
    with pytest.raises(LabelError, match=r"wren \(1 rows: b/wren/XC2.ogg\)"):
        CLASSES.index(["brant", "wren"], ["a/brant/XC1.ogg", "b/wren/XC2.ogg"])


def test_a_long_list_of_unknown_labels_is_cut() -> None:
    with pytest.raises(LabelError, match="and 5 more"):
        CLASSES.index([f"x{number}" for number in range(15)])


def test_a_class_stands_once() -> None:
    with pytest.raises(LabelError, match="'a' stands twice"):
        ClassList((Species("a"), Species("a")))


def test_a_class_list_survives_json() -> None:
    assert ClassList.from_plain(json.loads(json.dumps(CLASSES.to_plain()))) == CLASSES


@pytest.mark.parametrize("data", [[{"code": "a"}], None, [1]])
def test_other_data_is_no_class_list(data: object) -> None:
    with pytest.raises(LabelError, match="no class list"):
        ClassList.from_plain(data)


@pytest.mark.parametrize(
    ("species", "name"),
    [
        (Species("a", "B c", "D"), "D"),
        (Species("a", "B c"), "B c"),
        (Species("a"), "a"),
    ],
)
def test_a_species_shows_its_best_name(species: Species, name: str) -> None:
    assert species.name == name


@given(table=tables(min_size=1))
@settings(max_examples=20, deadline=None)
def test_the_class_list_is_sorted_whatever_the_order_of_the_rows(table: pl.DataFrame) -> None:
    classes = class_list(table)
    assert list(classes.codes) == sorted(set(table["primary_label"]))
    assert classes == class_list(shuffled(table, 1))


def test_a_class_has_the_names_that_most_rows_state() -> None:
    rows = [{"scientific_name": name, "common_name": "Brant"} for name in ("B b", "A a", "B b")]
    assert class_list(recordings([*rows, {}])).species == (Species("brant", "B b", "Brant"),)


def test_a_genus_is_named_as_itself() -> None:
    rows = [
        {"primary_label": "Turdus", "scientific_name": f"Turdus {name}", "common_name": name}
        for name in ("merula", "pilaris")
    ]
    assert class_list(recordings(rows)).species == (Species("Turdus", "Turdus"),)


def test_size_membership_and_order() -> None:
    assert len(CLASSES) == 3
    assert "gadwal" in CLASSES
    assert "owl" not in CLASSES
    assert [species.species_code for species in CLASSES] == ["brant", "gadwal", "42"]


def test_classes_that_lost_everything_are_listed() -> None:
    before = recordings([{}, {"primary_label": "owl"}, {"primary_label": "auk"}])
    assert lost_classes(before, before.head(1)) == ["auk", "owl"]
