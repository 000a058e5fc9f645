"""What the audit takes out of merged catalogs."""

from __future__ import annotations

import polars as pl

from oscine.catalog import FINDINGS, MergeConfig, apply_audit, empty, merge_catalogs
from unit.catalog.factories import audited, catalog, found, recordings

PRETRAIN = recordings([{}, {}, {}, {"primary_label": "gadwal"}, {}], "p")
TARGET = recordings([{"xc_id": f"XC{number}"} for number in (91, 92, 93)], "t")


def refined(hashes: list[str], findings: pl.DataFrame, **settings: int):
    pairs = [(catalog("p", **settings), PRETRAIN), (catalog("t", "target"), TARGET)]
    merged = merge_catalogs(pairs, MergeConfig())
    both = pl.concat([PRETRAIN, TARGET])
    return apply_audit(merged, audited(both, content_hash=hashes), findings)


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
    assert after.clusters["cluster"].to_list() == ["x", "x"]
    assert after.merged.conflicts["reason"].to_list() == ["label_conflict"] * 2


def test_classes_that_the_audit_made_rare_leave() -> None:
    findings = found(PRETRAIN.head(3), "unreadable")
    after = refined(list("abcdefgh"), findings, min_recordings=1)
    assert len(after.merged.pretrain) == 2
    rarer = refined(list("abcdefgh"), findings, min_recordings=2)
    assert rarer.merged.pretrain.is_empty()
    assert set(rarer.merged.departures["reason"]) == {"unreadable", "rare_class"}
