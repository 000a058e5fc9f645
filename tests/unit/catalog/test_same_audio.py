"""What follows from shared audio."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.catalog import (
    CLUSTERS,
    FINDINGS,
    MATCHES,
    by_audio,
    check,
    conform,
    empty,
    overlap_by_audio,
    unite,
)
from unit.catalog.factories import matched, recordings, shuffled

A, B, C = (f"a/brant/{place}-XC{place + 1}.ogg" for place in range(3))
SONGS = recordings([{}, {}, {}])
ANOTHER = recordings([{}, {"primary_label": "gadwal"}])


def stays(recordings: pl.DataFrame, *pairs: tuple[str, str, float, float]) -> list[str]:
    return by_audio(recordings, matched(*pairs)).kept["recording_id"].to_list()


def test_of_one_recording_in_two_containers_the_later_row_leaves() -> None:
    found = by_audio(SONGS, matched((A, B, 1.0, 0.99)))
    assert found.kept["recording_id"].to_list() == [A, C]
    (row,) = found.departures.iter_rows(named=True)
    assert (row["recording_id"], row["reason"]) == (B, "duplicate_audio")
    assert row["detail"] == f"seconds 0.0-10.0 of {A}, 99 % of this one; correlation 0.9"
    assert found.conflicts.is_empty()


@pytest.mark.parametrize("pair", [(A, B, 1.0, 0.3), (B, A, 0.3, 1.0)])
def test_a_cut_leaves_wherever_it_stands(pair: tuple[str, str, float, float]) -> None:
    found = by_audio(SONGS, matched(pair, offset_s=-4.0 if pair[0] == A else 4.0))
    assert found.kept["recording_id"].to_list() == [B, C]
    assert found.departures["detail"][0].startswith(f"seconds 4.0-14.0 of {B}, 100 % of this")


def test_recordings_that_overlap_in_part_both_stay() -> None:
    assert stays(SONGS, (A, B, 0.6, 0.7)) == [A, B, C]


def test_an_edited_copy_stays() -> None:
    edited = matched((A, B, 1.0, 1.0), least_score=0.1)
    assert len(by_audio(SONGS, edited).kept) == 3


def test_shared_audio_under_two_labels_stays_and_is_a_conflict_of_both() -> None:
    other = ANOTHER["recording_id"][1]
    found = by_audio(ANOTHER, matched((A, other, 1.0, 1.0)))
    assert len(found.kept) == 2
    check(found.conflicts, FINDINGS)
    assert found.conflicts["recording_id"].to_list() == [A, other]
    assert set(found.conflicts["reason"]) == {"label_conflict"}
    assert not found.conflicts["quarantined"].any()
    assert found.conflicts["detail"][0].startswith("stands as brant, and as gadwal in seconds 0.0")


def test_a_chain_of_cuts_ends_at_the_longest() -> None:
    assert stays(SONGS, (A, B, 1.0, 0.5), (B, C, 1.0, 0.5)) == [C]


def test_a_departure_names_one_that_stays() -> None:
    found = by_audio(SONGS, matched((A, B, 1.0, 0.5), (A, C, 1.0, 0.2), (B, C, 1.0, 0.5)))
    assert found.departures["detail"].str.contains(C).all()


def test_matches_with_recordings_of_another_table_take_nothing_out() -> None:
    assert stays(SONGS, (A, "z/brant/0-XC1.ogg", 1.0, 1.0)) == [A, B, C]


IDS = [f"a/brant/{place}-XC{place + 1}.ogg" for place in range(6)]


@st.composite
def lengths_and_links(draw: st.DrawFn) -> pl.DataFrame:
    """Recordings of some lengths, each pair of which may share the whole of the shorter."""
    lengths = draw(st.lists(st.sampled_from([9.5, 9.8, 10.0, 30.0]), min_size=6, max_size=6))
    rows = []
    for i in range(6):
        for j in range(i + 1, 6):
            if draw(st.booleans()):
                shared = min(lengths[i], lengths[j])
                rows.append((IDS[i], IDS[j], shared / lengths[i], shared / lengths[j]))
    return matched(*rows)


@given(matches=lengths_and_links(), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_what_leaves_is_always_held_by_what_stays(matches: pl.DataFrame, seed: int) -> None:
    table = recordings([{}] * 6)
    found = by_audio(table, shuffled(matches, seed))
    assert (
        found.kept["recording_id"].to_list()
        == by_audio(table, matches).kept["recording_id"].to_list()
    )
    clusters = dict(unite(empty(CLUSTERS), matches).iter_rows())
    stay = {clusters.get(row) for row in found.kept["recording_id"]}
    assert {clusters[row] for row in found.departures["recording_id"]} <= stay
    assert len(found.kept) + len(found.departures) == 6


def test_pretraining_that_shares_audio_with_the_target_leaves_even_in_part() -> None:
    target = recordings([{}], "t")
    found = overlap_by_audio(SONGS, target, matched((B, target["recording_id"][0], 0.2, 0.1)))
    assert found.kept["recording_id"].to_list() == [A, C]
    assert found.departures["reason"].to_list() == ["target_overlap"]
    assert "t/brant/0-XC1.ogg" in found.departures["detail"][0]


def test_clusters_are_united_by_way_of_recordings_that_left() -> None:
    bytewise = conform(pl.DataFrame({"recording_id": [B, C], "cluster": ["x", "x"]}), CLUSTERS)
    united = unite(bytewise, matched((A, B, 0.5, 0.5)))
    assert united.rows() == [(A, A), (B, A), (C, A)]
    check(united, CLUSTERS)
    assert unite(empty(CLUSTERS), empty(MATCHES)).is_empty()
