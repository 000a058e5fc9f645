"""Many catalogs to one pretraining table and one target table; each row that leaves says why.

Source: the reference recipe's merge, in its order: duplicates by key, overlap with the target,
lists of corrupt files; then licences and rare classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl
from pydantic import Field, field_validator

from oscine.catalog.clips import drop_empty_clips
from oscine.catalog.corrupt import KNOWN_SILENT, drop_listed, read_corrupt_list
from oscine.catalog.departures import Outcome, depart, gather
from oscine.catalog.duplicates import by_key, drop_overlap, label_conflicts
from oscine.catalog.licenses import LicenseToken, exclude_licenses
from oscine.catalog.registry import CatalogConfig
from oscine.catalog.separation import REASONS, SeparateKey, separate
from oscine.catalog.tables import DEPARTURES, FINDINGS, RECORDINGS, check, empty
from oscine.config import Config, Place
from oscine.core import CatalogError, Reason

Part = Literal["pretrain", "target"]
PARTS: tuple[Part, Part] = ("pretrain", "target")


class MergeConfig(Config):
    """How catalogs become one table."""

    duplicate_key: tuple[str, ...] = Field(("xc_id", "primary_label", "author"), min_length=1)
    """Rows that agree in these columns are one recording; the first catalog's stays."""
    drop_target_overlap: bool = True
    """Whether what the target holds too leaves pretraining."""
    separate: tuple[SeparateKey, ...] = ()
    """Pretraining rows whose recordist or site the target has too leave; by default they stay."""
    corrupt_lists: tuple[Place, ...] = ()
    """Lists of corrupt files (JSON, CSV or text) to leave out."""
    corrupt_files: tuple[str, ...] = KNOWN_SILENT
    """Files to leave out, as paths or ends of paths; two silent ones of 2021 by default."""
    exclude_labels: tuple[str, ...] = ()
    """Primary labels to leave out, such as nocall or unknown."""
    exclude_licenses: tuple[LicenseToken, ...] = ()
    """Conditions of licences to leave out, such as nc or nd."""
    min_rating: float | None = Field(None, ge=0.5, le=5.0)
    """Recordings rated below this are left out, unrated ones stay; null: none is."""

    @field_validator("duplicate_key")
    @classmethod
    def _columns(cls, key: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in key if name not in RECORDINGS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no column; the choices are {list(RECORDINGS)}")
        return key


@dataclass(frozen=True)
class Merged:
    """The merged tables, and the account of how they came to be.

    Args:
        pretrain: Recordings for pretraining (RECORDINGS), by catalog and recording_id.
        target: Recordings of the target catalogs (RECORDINGS), likewise.
        departures: Every row that left (DEPARTURES).
        conflicts: Same recording, different labels (FINDINGS).
        waterfall: One row a step and part, from the catalogs' raw counts to the final ones: step,
            part, rows (after it), removed (by it).
        min_recordings: Catalog -> recordings that a class needs to stay.
    """

    pretrain: pl.DataFrame
    target: pl.DataFrame
    departures: pl.DataFrame
    conflicts: pl.DataFrame
    waterfall: list[dict[str, Any]]
    min_recordings: Mapping[str, int]

    def part(self, part: Part) -> pl.DataFrame:
        """Give the table of a part."""
        return self.pretrain if part == "pretrain" else self.target

    def after(self, step: str, part: Part, outcome: Outcome) -> Merged:
        """Give the state after a step on one part.

        Args:
            step: Name of the step in the waterfall.
            part: The part that it changed.
            outcome: What it kept and took out.

        Raises:
            CatalogError: Rows are lost without a departure.
        """
        before, kept = len(self.part(part)), len(outcome.kept)
        removed = len(outcome.departures)
        if before != kept + removed:
            raise CatalogError(f"{step}: of {before} rows {kept} stay, but {removed} say why not")
        row = {"step": step, "part": part, "rows": kept, "removed": removed}
        tables = {"pretrain": self.pretrain, "target": self.target, part: outcome.kept}
        return replace(
            self,
            pretrain=tables["pretrain"],
            target=tables["target"],
            departures=gather(self.departures, outcome.departures),
            waterfall=[*self.waterfall, row],
        )


def merge_catalogs(
    catalogs: Sequence[tuple[CatalogConfig, pl.DataFrame]], config: MergeConfig
) -> Merged:
    """Merge catalogs to a pretraining and a target table.

    The order of the catalogs matters (the first of several equal rows stays); the order of the
    rows within one does not.

    Args:
        catalogs: Each catalog's settings and recordings.
        config: What is removed.

    Returns:
        The tables and the account.

    Raises:
        CatalogError: Two catalogs have one name, or a table breaks the contract.
    """
    merged = _concatenate(catalogs)
    entries = [*config.corrupt_files]
    for path in config.corrupt_lists:
        entries += read_corrupt_list(path)
    for part in PARTS:
        outcome = by_key(merged.part(part), config.duplicate_key)
        merged = merged.after(Reason.DUPLICATE_KEY.value, part, outcome)
    # The target first: what it does not keep may stay in pretraining.
    merged = _filter(merged, "target", entries, config)
    if config.drop_target_overlap:
        outcome = drop_overlap(merged.pretrain, merged.target)
        merged = merged.after(Reason.TARGET_OVERLAP.value, "pretrain", outcome)
    for key in config.separate:
        outcome = separate(merged.pretrain, merged.target, key)
        merged = merged.after(REASONS[key].value, "pretrain", outcome)
    merged = _filter(merged, "pretrain", entries, config)
    conflicts = label_conflicts(pl.concat([merged.pretrain, merged.target]))
    return replace(merged, conflicts=conflicts)


def _filter(merged: Merged, part: Part, entries: Sequence[str], config: MergeConfig) -> Merged:
    """Take out of a part what the recipe does not want."""
    outcome = drop_listed(merged.part(part), entries)
    merged = merged.after(Reason.CORRUPT_LIST.value, part, outcome)
    outcome = drop_empty_clips(merged.part(part))
    merged = merged.after(Reason.EMPTY_CLIP.value, part, outcome)
    outcome = drop_labels(merged.part(part), config.exclude_labels)
    merged = merged.after(Reason.EXCLUDED_LABEL.value, part, outcome)
    outcome = exclude_licenses(merged.part(part), config.exclude_licenses)
    merged = merged.after(Reason.LICENSE.value, part, outcome)
    outcome = drop_low_rated(merged.part(part), config.min_rating)
    merged = merged.after(Reason.LOW_RATING.value, part, outcome)
    outcome = drop_rare(merged.part(part), merged.min_recordings)
    return merged.after(Reason.RARE_CLASS.value, part, outcome)


def _concatenate(catalogs: Sequence[tuple[CatalogConfig, pl.DataFrame]]) -> Merged:
    names = [config.name for config, _ in catalogs]
    if len(set(names)) < len(names):
        raise CatalogError(f"two catalogs have one name: {', '.join(names)}", fix="rename one")
    tables: dict[Part, list[pl.DataFrame]] = {part: [empty(RECORDINGS)] for part in PARTS}
    for config, table in catalogs:
        check(table, RECORDINGS, where=config.name)
        tables[config.role].append(table.select(*RECORDINGS).sort("recording_id"))
    parts = {part: pl.concat(tables[part]) for part in PARTS}
    raw = [
        {"step": "read", "part": config.name, "rows": len(table), "removed": 0}
        for config, table in catalogs
    ]
    joined = [
        {"step": "concatenate", "part": part, "rows": len(parts[part]), "removed": 0}
        for part in PARTS
    ]
    return Merged(
        pretrain=parts["pretrain"],
        target=parts["target"],
        departures=empty(DEPARTURES),
        conflicts=empty(FINDINGS),
        waterfall=[*raw, *joined],
        min_recordings={config.name: config.min_recordings for config, _ in catalogs},
    )


def drop_labels(recordings: pl.DataFrame, labels: Sequence[str]) -> Outcome:
    """Take out the rows of some primary labels; as secondary labels they stay.

    Args:
        recordings: Recordings.
        labels: Labels as the table has them.

    Returns:
        What stays, and what left with Reason.EXCLUDED_LABEL.
    """
    excluded = pl.col("primary_label").is_in(list(labels))
    detail = pl.format("labelled {}", "primary_label")
    return depart(recordings, excluded, Reason.EXCLUDED_LABEL, detail)


def drop_low_rated(recordings: pl.DataFrame, min_rating: float | None) -> Outcome:
    """Take out the rows that are rated below a threshold; unrated ones stay.

    Args:
        recordings: Recordings.
        min_rating: The least rating, 0.5 to 5; None takes out nothing.

    Returns:
        What stays, and what left with Reason.LOW_RATING.
    """
    low = pl.lit(False) if min_rating is None else pl.col("rating") < min_rating
    detail = pl.format("rated {}", pl.col("rating"))
    return depart(recordings, low, Reason.LOW_RATING, detail)


def drop_rare(recordings: pl.DataFrame, min_recordings: Mapping[str, int]) -> Outcome:
    """Take out the rows whose class has too few recordings.

    A class is counted over the whole table: a species that one catalog hardly has is not rare when
    another has plenty.

    Args:
        recordings: Recordings of one part.
        min_recordings: Catalog -> recordings that a class of its rows must have.

    Returns:
        What stays, and what left with Reason.RARE_CLASS.
    """
    classes = recordings.group_by("catalog", "primary_label").agg(__rows=pl.len())
    needed = pl.col("catalog").replace_strict(
        dict(min_recordings), default=1, return_dtype=pl.UInt32
    )
    count = pl.col("__rows").sum().over("primary_label")
    classes = classes.with_columns(__needed=needed, __count=count)
    # Removal of one catalog's rows can make a class rare for another's: until nothing changes.
    kept = classes
    while len(smaller := kept.filter(count >= pl.col("__needed"))) < len(kept):
        kept = smaller
    rare = classes.join(kept, on=["catalog", "primary_label"], how="anti")
    table = recordings.join(
        rare, on=["catalog", "primary_label"], how="left", maintain_order="left"
    )
    detail = pl.format("{} has {} of {} recordings", "primary_label", "__count", "__needed")
    return depart(table, pl.col("__count").is_not_null(), Reason.RARE_CLASS, detail)
