"""One species, one label: a crosswalk applied to all catalogs, and an account of what it did.

Both primary and secondary labels are resolved. What cannot be, and where names and codes contradict
each other within or between catalogs, is listed: nothing is chosen silently.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from oscine.catalog.crosswalk import Crosswalk, Match, TaxonomyConfig, read_crosswalk
from oscine.catalog.disagreements import disagreements
from oscine.catalog.reading import local_table
from oscine.core import LabelError, hash_file

log = logging.getLogger("oscine")

LISTED = 10
"""How many recordings of an unresolved label are named."""


@dataclass(frozen=True)
class Reconciled:
    """Catalogs with today's labels.

    Args:
        tables: The recordings of each catalog, by its name.
        account: What was resolved how, what was not, and what disagrees; JSON-ready.
    """

    tables: Mapping[str, pl.DataFrame]
    account: dict[str, Any]


def reconcile(tables: Mapping[str, pl.DataFrame], config: TaxonomyConfig) -> Reconciled:
    """Resolve the labels of all catalogs.

    Args:
        tables: The recordings of each catalog, by its name.
        config: The taxonomies.

    Returns:
        The same rows. A label that no table knows stays; names that a row states stay, others are
        filled in from the first table that has the species.

    Raises:
        SourceError: A taxonomy is missing, or lacks a column.
        LabelError: A label cannot be resolved, and the settings are strict.
    """
    crosswalk = read_crosswalk(config)
    has_crosswalk = bool(config.paths)
    labels: list[dict[str, Any]] = []
    renamed: dict[str, pl.DataFrame] = {}
    for name, table in tables.items():
        rows = label_counts(table) if has_crosswalk else pl.DataFrame()
        matches = {
            row["label"]: crosswalk.find(row["label"], row["stated"])
            for row in rows.iter_rows(named=True)
        }
        labels += [_entry(name, row, matches[row["label"]]) for row in rows.iter_rows(named=True)]
        renamed[name] = relabelled(table, crosswalk, matches)
    unresolved = [entry for entry in labels if entry["how"] == "unresolved"]
    if unresolved and config.strict:
        raise _unresolved_error(unresolved)
    findings = disagreements(renamed, crosswalk, labels)
    _tell(list(tables), unresolved, findings)
    return Reconciled(
        renamed,
        {
            "tables": [
                {
                    "path": str(path),
                    "content_hash": hash_file(local_table(path)),
                    "taxa": len(table.taxa),
                }
                for path, table in zip(config.tables, crosswalk.tables, strict=True)
            ],
            "crosswalk": config.crosswalk
            and {
                "path": str(config.crosswalk),
                "content_hash": hash_file(local_table(config.crosswalk)),
                "rows": len(crosswalk.own or {}),
            },
            "counts": _counts(labels),
            "labels": labels,
            "disagreements": findings,
        },
    )


def label_counts(table: pl.DataFrame) -> pl.DataFrame:
    """Count the labels of a catalog.

    Args:
        table: Recordings.

    Returns:
        One row a label, sorted: label, recordings (that have it as primary label), secondary (that
        have it as secondary label), stated (scientific names), ids (of some recordings).
    """
    first = pl.col("recording_id").sort().head(LISTED)
    primary = table.group_by(label="primary_label").agg(
        recordings=pl.len(), stated=pl.col("scientific_name").drop_nulls().unique(), ids=first
    )
    heard = table.select("recording_id", label="secondary_labels").explode("label").drop_nulls()
    secondary = heard.group_by("label").agg(secondary=pl.len(), heard_in=first)
    both = primary.join(secondary, on="label", how="full", coalesce=True).sort("label")
    return both.select(
        "label",
        pl.col("recordings", "secondary").fill_null(0),
        pl.col("stated").fill_null([]),
        ids=pl.coalesce("ids", "heard_in"),
    )


def _entry(catalog: str, row: Mapping[str, Any], match: Match) -> dict[str, Any]:
    entry = {
        "catalog": catalog,
        "label": row["label"],
        "code": match.code,
        "how": match.how,
        "table": match.table,
        "recordings": row["recordings"],
        "secondary": row["secondary"],
    }
    if match.how == "unresolved":
        entry |= {"detail": match.detail or "no table knows it", "ids": row["ids"]}
    return entry


def relabelled(
    table: pl.DataFrame, crosswalk: Crosswalk, matches: Mapping[str, Match]
) -> pl.DataFrame:
    """Give recordings the codes that their labels were resolved to.

    Args:
        table: Recordings.
        crosswalk: Knows the names of codes.
        matches: Label -> what it was resolved to.

    Returns:
        The same rows. `published_label` is the label as it was, where it changed.
    """
    if not matches:
        return table
    codes = {label: match.code for label, match in matches.items() if match.code != label}
    known = {
        match.code: taxon
        for match in matches.values()
        if match.how != "unresolved" and (taxon := crosswalk.taxon(match.code)) is not None
    }
    code = pl.col("primary_label").replace(codes)
    others = pl.col("secondary_labels").list.eval(pl.element().replace(codes))
    changed = table.with_columns(
        published_label=pl.when(code != pl.col("primary_label")).then("primary_label"),
        primary_label=code,
        secondary_labels=others.list.unique(maintain_order=True),
    )
    own = pl.col("primary_label")
    names = {
        column: pl.coalesce(
            column,
            own.replace_strict(
                {code: getattr(taxon, column) or None for code, taxon in known.items()},
                default=None,
                return_dtype=pl.String,
            ),
        )
        for column in ("scientific_name", "common_name")
    }
    return changed.with_columns(
        secondary_labels=pl.col("secondary_labels").list.set_difference(
            pl.concat_list("primary_label")
        ),
        **names,
    ).select(table.columns)


def _counts(labels: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Count labels by catalog and by how they were resolved."""
    counts: dict[str, dict[str, int]] = {}
    for entry in labels:
        own = counts.setdefault(entry["catalog"], {"labels": 0, "renamed": 0})
        own["labels"] += 1
        own["renamed"] += entry["code"] != entry["label"]
        own[entry["how"]] = own.get(entry["how"], 0) + 1
    return counts


def _rows_of(entry: Mapping[str, Any]) -> str:
    heard = f" and {entry['secondary']} as a secondary label" if entry["secondary"] else ""
    return (
        f"{entry['label']} ({entry['recordings']} recordings of {entry['catalog']}{heard}, first "
        f"{entry['ids'][0]}; {entry['detail']})"
    )


def _unresolved_error(unresolved: Sequence[Mapping[str, Any]]) -> LabelError:
    more = f", and {len(unresolved) - LISTED} more" if len(unresolved) > LISTED else ""
    return LabelError(
        f"{len(unresolved)} labels cannot be resolved: "
        + ", ".join(map(_rows_of, unresolved[:LISTED]))
        + more,
        where="taxonomy",
        fix="add them to taxonomy.crosswalk, or set taxonomy.strict to false",
    )


def _tell(
    catalogs: Sequence[str],
    unresolved: Sequence[Mapping[str, Any]],
    findings: Sequence[Mapping[str, Any]],
) -> None:
    for name in catalogs:
        own = [entry["label"] for entry in unresolved if entry["catalog"] == name]
        if own:
            more = f", and {len(own) - LISTED} more" if len(own) > LISTED else ""
            listed = ", ".join(own[:LISTED])
            log.warning("%s: %d labels unresolved: %s%s", name, len(own), listed, more)
    if findings:
        log.warning("taxonomy: %d disagreements of names and codes, listed", len(findings))
