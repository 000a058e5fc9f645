"""Sections on the data: the waterfall of rows, catalogs, folds and leaks."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from oscine.report.blocks import Block, Cell, Plot, Section, Table, counted, number
from oscine.report.figures.data import draw_bars, draw_waterfall
from oscine.report.figures.style import BLUE
from oscine.report.run import PARTS, Run


def waterfall(run: Run) -> Section:
    """Say how many rows each step kept, and why the others left."""
    found = [
        step
        for stage in ("catalog", "audit")
        for step in (run.json(f"{stage}/waterfall.json") or {}).get("steps", [])
    ]
    title = "From catalogs to training rows"
    if not found:
        return Section("rows", title, absent="No catalog was read in this run.")
    steps: dict[str, list[Any]] = {}
    for step in found:
        steps.setdefault(str(step["part"]), []).append(step)
    rows = [
        [PARTS.get(part, part), _plain(step["step"]), number(step["rows"]), number(step["removed"])]
        for part, part_steps in steps.items()
        for step in part_steps
    ]
    drawn = {part: _telling(steps[part]) for part in PARTS if part in steps}
    ends = [
        f"{counted(steps[part][-1]['rows'], 'row')} in the {PARTS[part].lower()}" for part in drawn
    ]
    blocks: list[Block] = [
        Plot(
            "waterfall",
            "Rows after each step that took some out (red); the table has the other steps too.",
            partial(draw_waterfall, drawn),
        ),
        Table("Rows after each step", ["part", "step", "rows", "removed"], rows, 2, folded=True),
        *_departures(run),
    ]
    return Section("rows", title, [f"What is left: {' and '.join(ends)}."], blocks)


def _telling(steps: list[Any]) -> list[Any]:
    """Keep the first step, those that took rows out, and what is left in the end."""
    taking = [step for step in steps[1:] if step["removed"]]
    last = [] if steps[-1] in [steps[0], *taking] else [{**steps[-1], "step": "final"}]
    return [steps[0], *taking, *last]


def _departures(run: Run) -> list[Table]:
    found = [run.table(f"{stage}/departures.parquet") for stage in ("catalog", "audit")]
    tables = [table for table in found if table is not None and table.height]
    if not tables:
        return []
    counts = (
        pl.concat(tables, how="diagonal_relaxed")
        .group_by("step", "reason")
        .len()
        .sort("len", "step", "reason", descending=[True, False, False])
    )
    rows = [[_plain(step), _plain(reason), number(n)] for step, reason, n in counts.iter_rows()]
    return [Table("Why rows left", ["step", "reason", "rows"], rows, 2, folded=True)]


def catalogs(run: Run) -> Section:
    """Count the rows of each catalog as it was read."""
    counts = (run.json("catalog/waterfall.json") or {}).get("rows_per_catalog") or {}
    title = "Rows of each catalog"
    if not counts:
        return Section("catalogs", title, absent="No catalog was read in this run.")
    plot = Plot(
        "catalogs",
        "Rows of each catalog as it was read, before anything was taken out.",
        partial(draw_bars, {"rows": counts}, {"rows": BLUE}, "rows"),
    )
    return Section("catalogs", title, blocks=[plot])


def folds(run: Run) -> Section:
    """Show the folds, and whether any group stands on both sides."""
    title = "Folds and the leak audit"
    tables = {part: run.table(f"folds/{part}.parquet") for part in PARTS}
    rows = [
        row for part, table in tables.items() if table is not None for row in _fold(part, table)
    ]
    if not rows:
        return Section("folds", title, absent="No folds were made in this run.")
    audit = run.json("folds/leaks.json") or {}
    leaks = [
        [PARTS[part], _plain(key), *(number(n[k]) for k in ("rows", "groups", "leaks"))]
        for part in PARTS
        for key, n in (audit.get(part) or {}).items()
    ]
    text = [
        *_leak_sentences({part: audit.get(part) for part in PARTS}),
        *_across_sentences(audit.get("across") or {}),
        *_unseen_sentences(audit.get("unseen") or {}),
    ]
    blocks = [
        Table(
            "Leak audit: rows that state the key, groups of rows that share a value, groups on "
            "both sides",
            ["part", "key", "rows", "groups", "leaks"],
            leaks,
            2,
        ),
        *_across_table(audit.get("across") or {}),
        Table("Folds", ["part", "fold", "rows", "validated", "groups"], rows, 2, folded=True),
    ]
    return Section("folds", title, text, blocks if leaks else blocks[1:])


def _across_table(across: dict[str, dict[str, Any]]) -> list[Table]:
    if not across:
        return []
    keys = list(next(iter(across.values())))
    rows: list[list[str | Cell]] = [
        [fold]
        + [
            Cell(
                number(n["rows"]), f"{n['share']:.0%} of the fold, {counted(n['groups'], 'group')}"
            )
            for n in counts.values()
        ]
        for fold, counts in across.items()
    ]
    caption = "Rows that a target fold validates and that share something with pretraining"
    return [Table(caption, ["fold", *(f"same {_plain(key)}" for key in keys)], rows)]


def _across_sentences(across: dict[str, dict[str, Any]]) -> list[str]:
    """Say how well pretraining may know whom the target validates."""
    shares = [counts["recordist"]["share"] for counts in across.values()]
    if not any(shares):
        return []
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    span = high if low == high else f"{low} to {high}"
    return [
        f"Pretraining has heard the recordists of {span} of the rows that a target fold validates, "
        "in other recordings; merge.separate would take those out of pretraining."
    ]


def _unseen_sentences(unseen: dict[str, Any]) -> list[str]:
    """Name the classes whose scores say nothing about the model."""
    return [
        f"Fold {fold} of the {PARTS[part].lower()} validates {', '.join(labels)} without a "
        "training row: these scores say nothing about the model."
        for part in PARTS
        for fold, labels in (unseen.get(part) or {}).items()
    ]


def _leak_sentences(leaks: dict[str, Any]) -> list[str]:
    """Say whether anything leaks, and what could not be looked at."""
    found = [(part, key, n) for part, audit in leaks.items() for key, n in (audit or {}).items()]
    if not found:
        return []
    total = sum(n["leaks"] for _, _, n in found)
    known = list(dict.fromkeys(key for _, key, n in found if n["rows"]))
    first = (
        f"{counted(total, 'group')} on both sides of a fold: the scores are too high."
        if total
        else f"Nothing stands on both sides of a fold; looked at: {', '.join(known) or 'nothing'}."
    )
    unknown = [
        f"no row of the {PARTS[part].lower()} states its {key}"
        for part, key, n in found
        if not n["rows"] and key != "duplicate"
    ]
    return [first, *([f"Not looked at: {'; '.join(unknown)}."] if unknown else [])]


def _fold(part: str, table: pl.DataFrame) -> list[list[str]]:
    counts = (
        table.group_by("fold")
        .agg(
            pl.len().alias("rows"),
            pl.col("cv").sum().alias("validated"),
            pl.col("group").n_unique().alias("groups"),
        )
        .sort("fold")
    )
    return [
        [
            PARTS[part],
            str(row["fold"]),
            *(number(row[key]) for key in ("rows", "validated", "groups")),
        ]
        for row in counts.iter_rows(named=True)
    ]


def _plain(code: str) -> str:
    return code.replace("_", " ")
