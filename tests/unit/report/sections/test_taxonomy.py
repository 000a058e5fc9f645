from __future__ import annotations

import pytest

from oscine.report import Run
from oscine.report.blocks import Cell
from oscine.report.sections import taxonomy
from unit.report.run_folder import TAXONOMY, put_json, write_run


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"]))


def test_labels_are_counted_by_how_they_were_resolved(finished):
    section = taxonomy.taxonomy(finished)
    table = section.blocks[0]
    assert table.columns == ["catalog", "labels", "renamed", "code", "older name", "unresolved"]
    assert table.rows[1] == ["chorus-2032", "14", "0", "14", "0", "0"]


def test_what_was_not_resolved_is_named_with_its_recordings(finished):
    section = taxonomy.taxonomy(finished)
    assert section.text == [
        "Resolved by taxonomy_2031.csv (16,753 taxa).",
        "1 label that no table knows stays as published.",
    ]
    (row,) = section.blocks[1].rows
    assert row[0] == Cell("sp99", "chorus-2031")
    assert row[1] == Cell("no table knows it", "chorus-2031/sp99/XC1, chorus-2031/sp99/XC2")


def test_changed_labels_and_disagreements_are_listed(finished):
    _, _, renamed, disagreements = taxonomy.taxonomy(finished).blocks
    assert renamed.rows[0][0] == Cell("sp0x → sp00", "chorus-2031")
    assert disagreements.caption == "1 disagreement of names and codes"
    assert disagreements.rows[0][0] == "two names"


def test_catalogs_without_a_taxonomy_say_so(run):
    put_json(
        run.path / "catalog/taxonomy.json",
        {"tables": [], "crosswalk": None, "counts": {}, "labels": [], "disagreements": []},
    )
    section = taxonomy.taxonomy(run)
    assert section.text[0] == taxonomy.NO_TAXONOMY
    assert section.text[1].startswith("No name contradicts")
    assert section.blocks == []


def test_labels_that_all_resolve_are_said_to(run):
    known = [entry for entry in TAXONOMY["labels"] if entry["how"] != "unresolved"]
    own = {"path": "/data/own.csv", "content_hash": "00", "rows": 2}
    account = TAXONOMY | {"labels": known, "disagreements": [], "crosswalk": own}
    put_json(run.path / "catalog/taxonomy.json", account)
    assert taxonomy.taxonomy(run).text == [
        "Resolved by own.csv (2 rows), then taxonomy_2031.csv (16,753 taxa).",
        "Every label was resolved.",
        "No name contradicts a code, within or between catalogs.",
    ]


def test_long_lists_are_folded(run):
    many = [TAXONOMY["labels"][1] | {"label": f"x{i}"} for i in range(taxonomy.SHOWN + 1)]
    put_json(run.path / "catalog/taxonomy.json", TAXONOMY | {"labels": many})
    assert taxonomy.taxonomy(run).blocks[1].folded
