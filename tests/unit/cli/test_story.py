"""How a story reads in the terminal."""

from __future__ import annotations

import pytest

from oscine.catalog import tell
from oscine.cli.story import print_story
from unit.catalog.factories import built, catalog, found, recordings


@pytest.fixture
def lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def call(ledger, name):
        for story in tell(ledger, name):
            print_story(story)
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return call


OLD = recordings(
    [{"xc_id": "XC1", "author": "[red]Ann"}, {"xc_id": "XC20"}, {"xc_id": "XC21"}], "old"
)
NEW = recordings(
    [{"xc_id": f"XC{n}", "author": "Ann"} for n in (1, 5)]
    + [{"xc_id": f"XC{n}"} for n in range(6, 16)],
    "new",
)
PAIRS = ((catalog("old"), OLD), (catalog("new", "target"), NEW))


def test_each_row_is_told_from_where_it_stood_to_where_it_ended(lines):
    told = lines(built(*PAIRS), "1")
    assert "XC1: 2 rows, as brant" in told
    assert "1. old: brant, left at target overlap" in told
    assert "recordist [red]Ann" in told
    assert "left target overlap: The recording is in the target catalog too." in told
    assert "same as new/brant/0-XC1.ogg, which stays in target" in told
    assert "2. new: brant, in target" in told
    assert "group 2 rows, never parted; named by new/brant/0-XC1.ogg" in told
    assert "recordist ann: 1 other row" in told
    assert "with new/brant/1-XC5.ogg (brant), by recordist" in told


def test_a_recipe_without_audit_is_told_on_every_row(lines):
    assert lines(built(*PAIRS), "XC1").count("audit SKIPPED: the recipe switches it off") == 2


def test_what_was_measured_has_units_and_a_defect_is_told_once(lines):
    silent = found(NEW.filter(xc_id="XC5"), "silent")
    told = lines(built(*PAIRS, findings=silent), "XC5")
    assert "1. new: brant, left at audit" in told
    measured = next(line for line in told if line.startswith("measured"))
    assert "20.00 s, 32000 Hz, 1-channel, peak 0.500, -20.0 dBFS, 1,000 bytes" in measured
    assert sum("stays below the silence threshold" in line for line in told) == 1


def test_byte_twins_are_told_with_their_fate_and_many_are_counted(lines):
    hashes = dict.fromkeys(NEW["recording_id"][1:9], "same")
    told = lines(built(*PAIRS, hashes=hashes), "XC5")
    assert "same bytes new/brant/2-XC6.ogg, which left (duplicate_bytes)" in told
    assert "and 2 more" in told


def test_shared_audio_is_told_with_its_share(lines):
    pair = ("new/brant/1-XC5.ogg", "new/brant/2-XC6.ogg", 3.0, 1.0, 0.25, 0.9)
    told = lines(built(*PAIRS, hashes={}, matches=[pair]), "XC6")
    share = "3.00 s, 25 % of this one"
    assert f"same audio new/brant/1-XC5.ogg ({share}), which stays in target" in told


def test_a_second_row_of_the_same_group_refers_to_the_first(lines):
    labels = [{"xc_id": "XC9"}, {"xc_id": "XC9", "primary_label": "gadwal"}, {}, {"xc_id": "XC8"}]
    ledger = built(PAIRS[0], (catalog("new", "target"), recordings(labels, "new")))
    told = lines(ledger, "XC9")
    assert "group the same as that of 1." in told
    assert "finding label conflict: XC9 stands as brant, gadwal" in told
