"""The story of one recording: where it stood, what each step did with it, and where it ended.

A pure function of the tables that a built catalog left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from oscine.catalog.groups import key_values
from oscine.catalog.ledger import Ledger, find_recordings
from oscine.catalog.merge import Part
from oscine.core import reason_words

COMPANIONS = 5
"""How many others of a group are named."""


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
class Companion:
    """Another recording of the same group.

    Args:
        recording_id: The recording.
        primary_label: Its label.
        shares: Key -> the value that both have; empty: they are joined through others.
    """

    recording_id: str
    primary_label: str
    shares: Mapping[str, str]


@dataclass(frozen=True)
class Placement:
    """Where the split put a row.

    Args:
        fold: The fold that validates it; -1: always in training.
        why: Why it is always in training; None: it is not.
        group: Name of its group.
        group_size: Rows of the group.
        shared: Key -> its value, and how many other rows of the part have it.
        companions: A few others of the group, those that share most first.
    """

    fold: int
    why: str | None
    group: str
    group_size: int
    shared: Mapping[str, Mapping[str, Any]]
    companions: tuple[Companion, ...]


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
        placement=None if left else _placement(ledger, part, name),
    )


def _passed(ledger: Ledger, part: str, left: dict[str, Any] | None) -> tuple[str, ...]:
    """List the steps that a row was still there after; without an audit its steps looked at nothing."""
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


def _placement(ledger: Ledger, part: Part, name: str) -> Placement | None:
    folds = ledger.folds.get(part)
    own = None if folds is None else folds.filter(recording_id=name)
    if folds is None or own is None or own.is_empty():
        return None
    group, fold = own["group"][0], own["fold"][0]
    members = ledger.final[part].join(folds.filter(group=group), on="recording_id", how="semi")
    config = ledger.fold_configs[part]
    keys = [] if config.naive else config.group_by
    values = pl.DataFrame([key_values(members, key, ledger.clusters).alias(key) for key in keys])
    table = pl.concat([members.select("recording_id", "primary_label"), values], how="horizontal")
    mine = table.row(by_predicate=pl.col("recording_id") == name, named=True)
    stated = {key: mine[key] for key in keys if mine[key] is not None}
    others = table.filter(pl.col("recording_id") != name)
    shared = {
        key: {"value": value, "others": len(others.filter(pl.col(key) == value))}
        for key, value in stated.items()
    }
    return Placement(
        fold,
        _why_held(ledger, part, mine["primary_label"], members) if fold < 0 else None,
        group,
        len(members),
        shared,
        _companions(others, stated),
    )


def _companions(others: pl.DataFrame, stated: Mapping[str, str]) -> tuple[Companion, ...]:
    common = [
        (pl.col(key) == value).fill_null(False).cast(pl.Int8) for key, value in stated.items()
    ]
    ranked = others.with_columns(__common=pl.sum_horizontal(*common) if common else pl.lit(0))
    first = ranked.sort("__common", "recording_id", descending=[True, False]).head(COMPANIONS)
    return tuple(
        Companion(
            row["recording_id"],
            row["primary_label"],
            {key: value for key, value in stated.items() if row[key] == value},
        )
        for row in first.iter_rows(named=True)
    )


def _why_held(ledger: Ledger, part: Part, label: str, members: pl.DataFrame) -> str:
    """Say what keeps a group in training: a rare class, or a class that stands in no other group."""
    least = ledger.fold_configs[part].cv_filter
    everywhere = ledger.final[part].group_by("primary_label").agg(everywhere=pl.len())
    inside = members.group_by("primary_label").agg(inside=pl.len())
    unfit = inside.join(everywhere, on="primary_label").filter(
        (pl.col("everywhere") < least) | (pl.col("inside") == pl.col("everywhere"))
    )
    own_first = unfit.sort(pl.col("primary_label") != label, "everywhere", "primary_label")
    if own_first.is_empty():
        return "the split holds its group back"
    row = own_first.row(0, named=True)
    name, count = row["primary_label"], row["everywhere"]
    whose = "its class is" if name == label else "its group also holds"
    more = f", and {len(unfit) - 1} more such classes" if len(unfit) > 1 else ""
    if count < least:
        return f"{whose} {name}, which has {count} of the {least} rows of cv_filter{more}"
    return f"{whose} {name}, whose {count} rows are all of this one group{more}"


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
