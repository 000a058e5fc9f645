"""Section on labels: how each catalog's were resolved, which were not, and what disagrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from oscine.report.blocks import Block, Cell, Section, Table, counted, number
from oscine.report.run import Run

SHOWN = 10
"""A table of more rows opens only when asked."""
NO_TAXONOMY = "No taxonomy was given: labels stay as the catalogs state them."


def taxonomy(run: Run) -> Section:
    """Say what became of the labels of each catalog."""
    title = "Labels and the taxonomy"
    account = run.json("catalog/taxonomy.json")
    if account is None:
        return Section("taxonomy", title, absent="There is no account of labels in this run.")
    labels: list[dict[str, Any]] = account["labels"]
    unresolved = [entry for entry in labels if entry["how"] == "unresolved"]
    renamed = [entry for entry in labels if entry["code"] != entry["label"]]
    text = [_sources(account), *_outcome(labels, unresolved, account["disagreements"])]
    blocks: list[Block] = [
        *_counts(account["counts"]),
        *_unresolved(unresolved),
        *_renamed(renamed),
        *_disagreements(account["disagreements"]),
    ]
    return Section("taxonomy", title, text, blocks)


def _sources(account: Mapping[str, Any]) -> str:
    tables = [
        f"{PurePath(table['path']).name} ({counted(table['taxa'], 'taxon', 'taxa')})"
        for table in account["tables"]
    ]
    if own := account.get("crosswalk"):
        tables.insert(0, f"{PurePath(own['path']).name} ({counted(own['rows'], 'row')})")
    return f"Resolved by {', then '.join(tables)}." if tables else NO_TAXONOMY


def _outcome(
    labels: Sequence[Any], unresolved: Sequence[Any], disagreements: Sequence[Any]
) -> list[str]:
    kept = counted(
        len(unresolved),
        "label that no table knows stays as published.",
        "labels that no table knows stay as published.",
    )
    resolved = "Every label was resolved." if labels else ""
    agreed = "" if disagreements else "No name contradicts a code, within or between catalogs."
    return [sentence for sentence in (kept if unresolved else resolved, agreed) if sentence]


def _counts(counts: Mapping[str, Mapping[str, int]]) -> list[Table]:
    """Count the labels of each catalog by how they were resolved."""
    if not counts:
        return []
    columns = list(dict.fromkeys(how for own in counts.values() for how in own))
    rows = [
        [name, *(number(own.get(column, 0)) for column in columns)] for name, own in counts.items()
    ]
    heads = ["catalog", *(_plain(column) for column in columns)]
    return [Table("Labels of each catalog by how they were resolved", heads, rows)]


def _unresolved(entries: Sequence[Mapping[str, Any]]) -> list[Table]:
    rows: list[list[str | Cell]] = [
        [
            Cell(entry["label"], entry["catalog"]),
            Cell(entry["detail"], ", ".join(entry["ids"])),
            number(entry["recordings"]),
            number(entry["secondary"]),
        ]
        for entry in entries
    ]
    columns = ["label", "why", "recordings", "in the background"]
    caption = counted(len(rows), "label that was not resolved", "labels that were not resolved")
    return [Table(caption, columns, rows, 2, folded=len(rows) > SHOWN)] if rows else []


def _renamed(entries: Sequence[Mapping[str, Any]]) -> list[Table]:
    rows: list[list[str | Cell]] = [
        [
            Cell(f"{entry['label']} → {entry['code']}", entry["catalog"]),
            _plain(entry["how"]),
            number(entry["recordings"]),
            number(entry["secondary"]),
        ]
        for entry in entries
    ]
    columns = ["label", "how", "recordings", "in the background"]
    caption = counted(len(rows), "label that changed", "labels that changed")
    return [Table(caption, columns, rows, 2, folded=len(rows) > SHOWN)] if rows else []


def _disagreements(entries: Sequence[Mapping[str, Any]]) -> list[Table]:
    rows: list[list[str | Cell]] = [
        [
            _plain(entry["kind"]),
            Cell(entry["detail"], ", ".join(entry["catalogs"])),
            number(entry["recordings"]),
        ]
        for entry in entries
    ]
    caption = counted(
        len(rows), "disagreement of names and codes", "disagreements of names and codes"
    )
    columns = ["kind", "what disagrees", "recordings"]
    return [Table(caption, columns, rows, 2, folded=len(rows) > SHOWN)] if rows else []


def _plain(code: str) -> str:
    return code.replace("_", " ")
