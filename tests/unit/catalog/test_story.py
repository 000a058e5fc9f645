"""The story of one recording, on catalogs where everything happens to somebody."""

from __future__ import annotations

import json
from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings

from oscine.catalog import Ledger, tell
from oscine.catalog.story import Entry
from unit.catalog.factories import built, catalog, found, recordings, tables

OLD = recordings(
    [
        {"xc_id": "XC1", "author": "Ann", "license": "cc-by 4.0"},
        {"xc_id": "XC1", "author": "Ann"},
        {"xc_id": "XC2"},
        {"xc_id": "XC3"},
        {"xc_id": "XC3", "primary_label": "gadwal"},
    ],
    "old",
)
NEW = recordings(
    [
        {"xc_id": "XC1", "author": "Ann"},
        {"xc_id": "XC6"},
        {"xc_id": "XC7"},
        {"xc_id": "XC8"},
        {"xc_id": "XC9", "primary_label": "gadwal"},
    ],
    "new",
)
PAIRS = ((catalog("old"), OLD), (catalog("new", "target"), NEW))
SILENT = found(NEW.filter(pl.col("xc_id") == "XC6"), "silent")
TWINS = {"new/brant/3-XC8.ogg": "x", "new/brant/2-XC7.ogg": "x"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return built(*PAIRS, findings=SILENT, hashes=TWINS)


def entries(ledger: Ledger, name: str) -> dict[str, Entry]:
    (story,) = tell(ledger, name)
    return {entry.recording_id: entry for entry in story.entries}


def test_a_recording_is_told_with_every_row_that_it_stood_in(ledger: Ledger) -> None:
    rows = entries(ledger, "XC1")
    assert list(rows) == ["old/brant/0-XC1.ogg", "old/brant/1-XC1.ogg", "new/brant/0-XC1.ogg"]
    first = rows["old/brant/0-XC1.ogg"]
    assert (first.catalog, first.part, first.primary_label) == ("old", "pretrain", "brant")
    assert (first.author, first.license) == ("Ann", "cc-by 4.0")
    assert first.filepath == "/data/old/brant/0-XC1.ogg"


def test_a_row_that_left_names_the_row_that_stays_and_what_became_of_it(ledger: Ledger) -> None:
    rows = entries(ledger, "XC1")
    again = rows["old/brant/1-XC1.ogg"].exit
    assert again is not None
    assert (again.step, again.instead) == ("duplicate_key", "old/brant/0-XC1.ogg")
    assert again.instead_fate == "left (target_overlap)"
    overlap = rows["old/brant/0-XC1.ogg"].exit
    assert overlap is not None
    assert overlap.words == "The recording is in the target catalog too."
    assert overlap.instead_fate == "stays in target"


def test_the_steps_that_a_row_passed_end_where_it_left(ledger: Ledger) -> None:
    rows = entries(ledger, "XC1")
    assert rows["old/brant/1-XC1.ogg"].passed == ()
    assert rows["old/brant/0-XC1.ogg"].passed == ("duplicate_key",)
    assert rows["new/brant/0-XC1.ogg"].passed[-3:] == (
        "audit",
        "duplicate_bytes",
        "duplicate_audio",
    )


def test_a_quarantined_file_is_told_with_its_finding(ledger: Ledger) -> None:
    (row,) = entries(ledger, "XC6").values()
    assert row.exit is not None
    assert (row.exit.step, row.exit.reason, row.exit.instead) == ("audit", "silent", None)
    assert [(one["reason"], one["quarantined"]) for one in row.findings] == [("silent", True)]
    assert row.placement is None


def test_a_byte_duplicate_names_its_twin_on_both_sides(ledger: Ledger) -> None:
    (stays,) = entries(ledger, "XC7").values()
    (left,) = entries(ledger, "XC8").values()
    assert stays.same_bytes == {"new/brant/3-XC8.ogg": "left (duplicate_bytes)"}
    assert left.same_bytes == {"new/brant/2-XC7.ogg": "stays in target"}
    assert left.exit is not None
    assert left.exit.instead == "new/brant/2-XC7.ogg"
    assert left.measured["content_hash"] == "x"


def test_shared_audio_is_told_from_both_sides() -> None:
    pair = ("new/brant/1-XC6.ogg", "new/brant/2-XC7.ogg", 3.0, 1.0, 0.25, 0.9)
    ledger = built(*PAIRS, hashes={}, matches=[pair])
    (cut,) = entries(ledger, "XC6").values()
    (whole,) = entries(ledger, "XC7").values()
    told = {"overlap_s": 3.0, "score": 0.9, "fate": "stays in target"}
    assert cut.same_audio == ({"other": "new/brant/2-XC7.ogg", "share": 1.0} | told,)
    assert whole.same_audio == ({"other": "new/brant/1-XC6.ogg", "share": 0.25} | told,)


def test_a_label_conflict_is_told_on_every_row_and_counts_both_classes(ledger: Ledger) -> None:
    (story,) = tell(ledger, "XC3")
    assert [one["reason"] for entry in story.entries for one in entry.findings] == [
        "label_conflict",
        "label_conflict",
    ]
    counts = {count.primary_label: (count.read, count.kept) for count in story.classes}
    assert counts == {"brant": (4, 2), "gadwal": (1, 1)}


def test_the_folds_of_a_class_add_up_to_what_is_kept(ledger: Ledger) -> None:
    for name in ("XC1", "XC3", "XC9"):
        for count in tell(ledger, name)[0].classes:
            assert sum(count.by_fold.values()) == count.kept


def test_without_an_audit_no_step_of_it_was_passed() -> None:
    (story,) = tell(built(*PAIRS), "XC9")
    assert not story.audited
    assert story.entries[0].passed[-1] == "rare_class"
    assert story.entries[0].measured == {}


def test_a_story_is_plain_data(ledger: Ledger) -> None:
    plain = [asdict(story) for story in tell(ledger, "XC1")]
    assert json.loads(json.dumps(plain))[0]["recording"] == "XC1"


OWLS = [{"xc_id": f"XC{number}", "primary_label": "owl"} for number in range(90, 94)]
MICE = [{"xc_id": f"XC{number}", "primary_label": "mouse"} for number in range(80, 84)]


@given(old=tables("old", max_size=12), new=tables("new", max_size=12))
@settings(max_examples=8, deadline=None)
def test_every_row_has_a_story_that_ends_with_an_exit_or_a_place(
    old: pl.DataFrame, new: pl.DataFrame
) -> None:
    ledger = built(
        (catalog("old"), old),
        (catalog("owls"), recordings(OWLS, "owls")),
        (catalog("new", "target"), new),
        (catalog("mice", "target"), recordings(MICE, "mice")),
    )
    told = [
        entry
        for name in ledger.entries["recording"].unique()
        for story in tell(ledger, name)
        for entry in story.entries
    ]
    rows = sorted(ledger.entries["recording_id"])
    assert sorted(entry.recording_id for entry in told) == rows
    assert all((entry.exit is None) != (entry.placement is None) for entry in told)
