"""The story of one recording: where it stood, what each step did with it, and where it ended.

A pure function of the tables that a built catalog left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from oscine.catalog.ledger import Ledger, find_recordings
from oscine.catalog.merge import Part
from oscine.catalog.placement import Placement, find_placement
from oscine.core import reason_words


@dataclass(frozen=True)
class Exit:
    """How a row left.

    Args:
        step: The step that took it out.
        reason: A reason code.
        words: The reason in words.
        detail: What it was compared with.
        instead: The row that stays in its place; None: no row does.
        instead_fate: What became of that row in turn.
    """

    step: str
    reason: str
    words: str
    detail: str
    instead: str | None
    instead_fate: str | None


@dataclass(frozen=True)
class Entry:
    """One row of the recording.

    Args:
        recording_id: The row.
        catalog: Its catalog.
        part: The part that the catalog belongs to.
        primary_label: Its label.
        xc_id: Its id.
        filepath: Its audio file.
        author: Its recordist.
        license: Its licence as stated.
        passed: The steps that let it stay, in order.
        exit: How it left; None: it stayed.
        measured: What decoding told (AUDIT), without what is not known.
        findings: Its findings: reason, words, quarantined, detail.
        same_bytes: Rows whose file is the same byte for byte, and what became of each.
        same_audio: Rows that share audio with it: other, overlap_s, share (of this row), score,
            fate.
        placement: Where the split put it; None: it left, or there are no folds.
    """

    recording_id: str
    catalog: str
    part: str
    primary_label: str
    xc_id: str
    filepath: str
    author: str | None
    license: str | None
    passed: tuple[str, ...]
    exit: Exit | None
    measured: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    same_bytes: Mapping[str, str]
    same_audio: tuple[Mapping[str, Any], ...]
    placement: Placement | None


@dataclass(frozen=True)
class ClassCount:
    """How many recordings a class has.

    Args:
        part: In which part.
        primary_label: The class.
        read: Rows that the catalogs had.
        kept: Rows that training starts from.
        recordists: Recordists of those.
        by_fold: Fold -> rows that it validates; -1: always in training.
    """

    part: str
    primary_label: str
    read: int
    kept: int
    recordists: int
    by_fold: Mapping[int, int]


@dataclass(frozen=True)
class Story:
    """The story of one recording.

    Args:
        recording: Its name.
        audited: Whether files were decoded.
        entries: Its rows, in the order of the catalogs.
        classes: The classes that its rows name.
    """

    recording: str
    audited: bool
    entries: tuple[Entry, ...]
    classes: tuple[ClassCount, ...]


def tell(ledger: Ledger, name: str) -> list[Story]:
    """Tell the story of a recording.

    Args:
        ledger: The tables that a built catalog left.
        name: Any of its names, see `find_recordings`.

    Returns:
        One story a recording that has the name.

    Raises:
        CatalogError: No row has it; similar names are offered.
    """
    return [_story(ledger, recording) for recording in find_recordings(ledger, name)]


def _story(ledger: Ledger, recording: str) -> Story:
    rows = ledger.entries.filter(recording=recording).drop("recording")
    labels = rows.select("part", "primary_label").unique(maintain_order=True)
    return Story(
        recording,
        ledger.audited,
        tuple(_entry(ledger, row) for row in rows.iter_rows(named=True)),
        tuple(_class_count(ledger, part, label) for part, label in labels.iter_rows()),
    )


def _entry(ledger: Ledger, row: dict[str, Any]) -> Entry:
    name, part = row["recording_id"], row["part"]
    left = ledger.departures.filter(recording_id=name).to_dicts()
    measured = ledger.audit.filter(recording_id=name).drop("recording_id", "filepath").to_dicts()
    facts = {key: value for one in measured for key, value in one.items() if value is not None}
    found = ledger.findings.filter(recording_id=name).select("reason", "quarantined", "detail")
    return Entry(
        **row,
        passed=_passed(ledger, part, left[0] if left else None),
        exit=_exit(ledger, left[0]) if left else None,
        measured=facts,
        findings=tuple(
            {"words": reason_words()[one["reason"]]} | one for one in found.iter_rows(named=True)
        ),
        same_bytes=_same_bytes(ledger, name, facts.get("content_hash")),
        same_audio=_same_audio(ledger, name),
        placement=None if left else find_placement(ledger, part, name),
    )


def _passed(ledger: Ledger, part: str, left: dict[str, Any] | None) -> tuple[str, ...]:
    """List the steps that let a row stay; where there was no audit, its steps looked at nothing."""
    end = (left["stage"], left["step"]) if left else None
    passed = []
    for step in ledger.steps:
        if step["part"] != part or step["step"] == "concatenate":
            continue
        if (step["stage"], step["step"]) == end:
            break
        if step["stage"] != "audit" or ledger.audited:
            passed.append(step["step"])
    return tuple(dict.fromkeys(passed))


def _exit(ledger: Ledger, left: dict[str, Any]) -> Exit:
    instead = left["instead"]
    return Exit(
        left["step"],
        left["reason"],
        reason_words()[left["reason"]],
        left["detail"],
        instead,
        None if instead is None else _fate(ledger, instead),
    )


def _fate(ledger: Ledger, recording_id: str) -> str:
    left = ledger.departures.filter(recording_id=recording_id)
    if len(left):
        return f"left ({left['reason'][0]})"
    row = ledger.entries.filter(recording_id=recording_id)
    return f"stays in {row['part'][0]}"


def _same_bytes(ledger: Ledger, name: str, content_hash: str | None) -> dict[str, str]:
    if content_hash is None:
        return {}
    same = ledger.audit.filter(content_hash=content_hash)["recording_id"].sort()
    return {other: _fate(ledger, other) for other in same if other != name}


def _same_audio(ledger: Ledger, name: str) -> tuple[dict[str, Any], ...]:
    told = ("other", "overlap_s", "share", "score")
    ours = ledger.matches.filter(recording_id=name).select(told)
    turned = ledger.matches.filter(other=name).select(
        "overlap_s", "score", other="recording_id", share="other_share"
    )
    pairs = pl.concat([ours, turned.select(told)]).sort(
        "overlap_s", "other", descending=[True, False]
    )
    return tuple(row | {"fate": _fate(ledger, row["other"])} for row in pairs.iter_rows(named=True))


def _class_count(ledger: Ledger, part: Part, label: str) -> ClassCount:
    kept = ledger.final[part].filter(primary_label=label)
    by_fold: dict[int, int] = {}
    if part in ledger.folds:
        folds = ledger.folds[part].join(kept, on="recording_id", how="semi")
        by_fold = dict(folds["fold"].value_counts().sort("fold").iter_rows())
    return ClassCount(
        part,
        label,
        len(ledger.entries.filter(part=part, primary_label=label)),
        len(kept),
        kept["author"].drop_nulls().n_unique(),
        by_fold,
    )
