"""Finding a recording in the tables of a built catalog."""

from __future__ import annotations

import pytest

from oscine.catalog import ENTRY, Ledger, find_recordings
from oscine.core import CatalogError
from unit.catalog.factories import built, catalog, recordings


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    old = [
        {"xc_id": "XC294370", "recording_id": "old/brant/XC294370.ogg"},
        {"xc_id": "XC294370", "recording_id": "old/brant/again.ogg"},
    ]
    new = [
        {"xc_id": "XC294370", "primary_label": "gadwal"},
        {"xc_id": "XC5_1", "filepath": "/data/new/owl/XC5_1.ogg"},
        {"xc_id": "XC5_2", "filepath": "/data/new/owl/XC5_2.ogg"},
        {"xc_id": "new/cat/1", "filepath": "/data/new/cat/1.wav"},
        {"xc_id": "new/dog/1", "filepath": "/data/new/dog/1.wav"},
    ]
    pairs = (
        (catalog("old"), recordings(old, "old")),
        (catalog("new", "target"), recordings(new, "new")),
    )
    return built(*pairs)


def test_every_row_of_every_catalog_is_an_entry_in_the_order_of_the_catalogs(
    ledger: Ledger,
) -> None:
    assert ledger.entries.columns == [*ENTRY, "recording"]
    assert ledger.entries["catalog"].to_list() == ["old"] * 2 + ["new"] * 5
    assert ledger.entries["part"].to_list() == ["pretrain"] * 2 + ["target"] * 5
    assert len(ledger.departures) == 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("XC294370", ["XC294370"]),
        ("294370", ["XC294370"]),
        ("xc294370 ", ["XC294370"]),
        ("old/brant/again.ogg", ["XC294370"]),
        ("XC5", ["XC5"]),
        ("XC5_2", ["XC5"]),
        ("XC5_2.ogg", ["XC5"]),
        ("owl/XC5_2.ogg", ["XC5"]),
        ("/data/new/owl/XC5_2.ogg", ["XC5"]),
        ("owl\\XC5_2.ogg", ["XC5"]),
        ("dog/1.wav", ["new/dog/1"]),
        ("1.wav", ["new/cat/1", "new/dog/1"]),
        ("1", ["new/cat/1", "new/dog/1"]),
    ],
)
def test_a_recording_is_found_by_any_of_its_names(
    name: str, found: list[str], ledger: Ledger
) -> None:
    assert find_recordings(ledger, name) == found


@pytest.mark.parametrize(
    ("name", "near"), [("XC29437", "XC294370"), ("owl/XC5_3.ogg", "XC5_1.ogg")]
)
def test_a_name_that_nothing_has_is_an_error_with_the_nearest(
    name: str, near: str, ledger: Ledger
) -> None:
    with pytest.raises(CatalogError, match=f"no catalog of this run has .*{near}"):
        find_recordings(ledger, name)
