"""What the audit takes out of merged catalogs."""

from __future__ import annotations

import polars as pl

from oscine.catalog import FINDINGS, MATCHES, MergeConfig, apply_audit, empty, merge_catalogs
from unit.catalog.factories import audited, catalog, found, matched, recordings

PRETRAIN = recordings([{}, {}, {}, {"primary_label": "gadwal"}, {}], "p")
TARGET = recordings([{"xc_id": f"XC{number}"} for number in (91, 92, 93)], "t")


NO_MATCHES = empty(MATCHES)


def refined(
    hashes: list[str],
    findings: pl.DataFrame,
    matches: pl.DataFrame = NO_MATCHES,
    **settings: int,
):
    pairs = [(catalog("p", **settings), PRETRAIN), (catalog("t", "target"), TARGET)]
    merged = merge_catalogs(pairs, MergeConfig())
    both = pl.concat([PRETRAIN, TARGET])
    return apply_audit(merged, audited(both, content_hash=hashes), findings, matches)


def test_each_step_takes_its_own_rows() -> None:
    findings = found(PRETRAIN.head(1), "silent")
    after = refined(["a", "b", "b", "c", "t1", "t1", "t2", "t2"], findings)
    reasons = dict(after.merged.departures.select("recording_id", "reason").iter_rows())
    assert reasons == {
        "p/brant/0-XC1.ogg": "silent",
        "p/brant/2-XC3.ogg": "duplicate_bytes",
        "p/brant/4-XC5.ogg": "target_overlap",
        "t/brant/2-XC93.ogg": "duplicate_bytes",
    }
    assert after.merged.waterfall[-1] == {
        "step": "rare_class",
        "part": "target",
        "rows": 2,
        "removed": 0,
    }


def test_twins_under_two_labels_stay_in_one_cluster_as_a_conflict() -> None:
    after = refined(["a", "b", "x", "x", "c", "d", "e", "f"], empty(FINDINGS))
    assert len(after.merged.pretrain) == 5
    assert after.clusters["cluster"].to_list() == ["p/brant/2-XC3.ogg"] * 2
    assert after.merged.conflicts["reason"].to_list() == ["label_conflict"] * 2


P = PRETRAIN["recording_id"].to_list()
T = TARGET["recording_id"].to_list()


def test_recordings_that_share_audio_leave_each_for_its_own_reason() -> None:
    pairs = matched((P[0], P[1], 1.0, 1.0), (P[2], T[0], 0.5, 0.1), (T[1], T[2], 0.2, 1.0))
    after = refined(list("abcdefgh"), empty(FINDINGS), pairs)
    reasons = dict(after.merged.departures.select("recording_id", "reason").iter_rows())
    assert reasons == {P[1]: "duplicate_audio", P[2]: "target_overlap", T[2]: "duplicate_audio"}
    assert after.clusters.is_empty()
    steps = [row["step"] for row in after.merged.waterfall if row["removed"]]
    assert steps == ["target_overlap", "duplicate_audio", "duplicate_audio"]


def test_two_cuts_of_a_recording_that_left_stay_together() -> None:
    pairs = matched((P[2], T[0], 0.1, 0.9), (P[2], T[1], 0.1, 0.9))
    after = refined(list("abcdefgh"), empty(FINDINGS), pairs)
    assert after.merged.departures["recording_id"].to_list() == [P[2]]
    assert after.clusters.rows() == [(T[0], T[0]), (T[1], T[0])]


def test_audio_under_two_labels_is_a_conflict_in_one_cluster() -> None:
    after = refined(list("abcdefgh"), empty(FINDINGS), matched((P[0], P[3], 1.0, 1.0)))
    assert len(after.merged.pretrain) == 5
    assert after.merged.conflicts["recording_id"].to_list() == [P[0], P[3]]
    assert after.clusters["recording_id"].to_list() == [P[0], P[3]]


def test_classes_that_the_audit_made_rare_leave() -> None:
    findings = found(PRETRAIN.head(3), "unreadable")
    after = refined(list("abcdefgh"), findings, min_recordings=1)
    assert len(after.merged.pretrain) == 2
    rarer = refined(list("abcdefgh"), findings, min_recordings=2)
    assert rarer.merged.pretrain.is_empty()
    assert set(rarer.merged.departures["reason"]) == {"unreadable", "rare_class"}
