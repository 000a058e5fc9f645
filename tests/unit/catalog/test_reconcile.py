"""One taxonomy over all catalogs, and the account of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from oscine.catalog import RECORDINGS, CatalogConfig, TaxonomyConfig, check, reconcile
from oscine.catalog.registry import read_catalogs
from oscine.core import LabelError, SourceError, hash_file
from unit.catalog import taxonomies
from unit.catalog.factories import recordings, shuffled, tables


@pytest.fixture
def config(tmp_path: Path) -> TaxonomyConfig:
    paths = taxonomies.write(tmp_path, newer=taxonomies.NEWER, older=taxonomies.OLDER)
    return TaxonomyConfig(tables=tuple(paths))


def test_one_species_under_two_codes_becomes_one_class(config: TaxonomyConfig) -> None:
    old = recordings([{"primary_label": "brnjay", "secondary_labels": ["comred", "dog"]}], "old")
    new = recordings([{"primary_label": "brojay1", "secondary_labels": ["Gray Heron"]}], "new")
    found = reconcile({"old": old, "new": new}, config).tables
    assert found["old"].row(0, named=True) | {
        "primary_label": "brojay1",
        "published_label": "brnjay",
        "secondary_labels": ["redpol1", "dog"],
    } == found["old"].row(0, named=True)
    assert found["new"]["published_label"].to_list() == [None]
    assert found["new"]["secondary_labels"].to_list() == [["graher1"]]


def test_a_label_is_either_primary_or_secondary_and_stands_once(config: TaxonomyConfig) -> None:
    secondary = ["Brown Jay", "brojay1", "comred", "Acanthis flammea"]
    table = recordings([{"primary_label": "brnjay", "secondary_labels": secondary}])
    found = reconcile({"a": table}, config).tables["a"]
    assert found["secondary_labels"].to_list() == [["redpol1"]]
    check(found, RECORDINGS)


def test_names_that_a_row_states_stay(config: TaxonomyConfig) -> None:
    table = recordings([{"primary_label": "brnjay", "common_name": "Jay"}, {"primary_label": "x"}])
    found = reconcile({"a": table}, config).tables["a"]
    assert found["common_name"].to_list() == ["Jay", None]
    assert found["scientific_name"].to_list() == ["Psilorhinus morio", None]


def test_what_cannot_be_resolved_is_listed_with_its_rows(
    config: TaxonomyConfig, caplog: pytest.LogCaptureFixture
) -> None:
    table = recordings(
        [{"primary_label": "dog"}, {"primary_label": "graher1", "secondary_labels": ["cat", "dog"]}]
    )
    account = reconcile({"a": table}, config).account
    entries = {row["label"]: row for row in account["labels"] if row["how"] == "unresolved"}
    assert set(entries) == {"cat", "dog"}
    assert (entries["dog"]["recordings"], entries["dog"]["secondary"]) == (1, 1)
    assert entries["dog"]["ids"] == ["a/dog/0-XC1.ogg"]
    assert entries["cat"]["ids"] == ["a/graher1/1-XC2.ogg"]
    assert "a: 2 labels unresolved: cat, dog" in caplog.text


def test_a_strict_taxonomy_names_the_label_and_its_rows(config: TaxonomyConfig) -> None:
    table = recordings([{"primary_label": "dog"}, {"primary_label": "dog"}])
    strict = config.model_copy(update={"strict": True})
    with pytest.raises(LabelError, match=r"dog \(2 recordings of a.*first a/dog/0-XC1.ogg"):
        reconcile({"a": table}, strict)


def test_the_account_pins_the_tables_and_counts(config: TaxonomyConfig) -> None:
    table = recordings([{"primary_label": label} for label in ("brnjay", "graher1", "dog")])
    account = reconcile({"a": table}, config).account
    assert account["tables"] == [
        {"path": str(path), "content_hash": hash_file(path), "taxa": taxa}
        for path, taxa in zip(config.tables, (11, 8), strict=True)
    ]
    assert account["counts"]["a"] == {
        "labels": 3,
        "renamed": 1,
        "older_code": 1,
        "code": 1,
        "unresolved": 1,
    }


def test_without_taxonomy_labels_stay_and_disagreements_are_found() -> None:
    rows = [{"primary_label": label, "scientific_name": "Avis una"} for label in ("a", "b")]
    table = recordings(rows)
    found = reconcile({"a": table}, TaxonomyConfig())
    assert found.tables["a"].equals(table)
    assert found.account["labels"] == []
    assert [entry["kind"] for entry in found.account["disagreements"]] == ["two_codes"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(table=tables(min_size=1))
def test_the_order_of_rows_does_not_matter(table: pl.DataFrame, config: TaxonomyConfig) -> None:
    first = reconcile({"a": table}, config)
    second = reconcile({"a": shuffled(table, 1)}, config)
    assert first.account == second.account
    one, other = (found.tables["a"].sort("recording_id") for found in (first, second))
    assert one.equals(other)


def test_a_missing_taxonomy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such table"):
        reconcile({"a": recordings([{}])}, TaxonomyConfig(tables=(tmp_path / "no.csv",)))


def test_the_real_catalogs_under_the_real_taxonomy(real_data: Path) -> None:
    ebird = real_data / "catalogs" / "2022" / "eBird_Taxonomy_v2021.csv"
    catalogs = [
        CatalogConfig(
            name=name, source=source, path=real_data / path, role="target", audio_required=False
        )
        for name, source, path in (
            ("b22", "birdclef2022", "catalogs/2022"),
            ("b23", "birdclef2023", "catalogs/2023"),
            ("india", "folder", "india"),
            ("animals", "folder", "animals"),
        )
    ]
    account = read_catalogs(catalogs, TaxonomyConfig(tables=(ebird,))).taxonomy
    assert account["counts"]["b22"] == {"labels": 154, "renamed": 0, "code": 154}
    assert account["counts"]["b23"] == {"labels": 264, "renamed": 0, "code": 264}
    assert account["counts"]["india"]["renamed"] == 11
    unresolved = {row["label"] for row in account["labels"] if row["how"] == "unresolved"}
    # eBird of 2021 calls it Nilgiri Sholakili; the others are no birds, or not one bird.
    assert "Nilgiri Blue Robin" in unresolved
    assert len(unresolved) == 11
    # A class of 2023 is a form in the taxonomy of 2021, under another scientific name.
    kinds = {(entry["kind"], *entry["codes"]) for entry in account["disagreements"]}
    assert kinds == {("another_name", "gnbcam2"), ("form", "gnbcam2")}
