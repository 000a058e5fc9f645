"""Where the split put one recording: its fold, its group, and what its group shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from oscine.catalog.groups import key_values
from oscine.catalog.ledger import Ledger
from oscine.catalog.merge import Part

COMPANIONS = 5
"""How many others of a group are named."""


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


def find_placement(ledger: Ledger, part: Part, name: str) -> Placement | None:
    """Find where the split put a row, who must not be parted from it, and why.

    Args:
        ledger: The tables of a built catalog.
        part: The part that the row ended in.
        name: Its recording_id.

    Returns:
        Its placement; None where there are no folds, or the row is in none.
    """
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
    stated: dict[str, str] = {key: mine[key] for key in keys if mine[key] is not None}
    others = table.filter(pl.col("recording_id") != name)
    shared: dict[str, Mapping[str, Any]] = {
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
    """Say what keeps a group in training: a rare class, or a class that no other group has."""
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
