"""The account of a built catalog in the terminal: where the rows came from, and where they went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from oscine.cli.terminal import plain_console

if TYPE_CHECKING:
    from oscine.catalog import Ledger, Part

FIRST_ROWS = 3
"""How many rows of a part are shown; side by side, since they have many columns."""

ENDS = 4
"""How many of the commonest and of the rarest classes are shown."""

CONFLICTS = 10
"""How many recordings under several labels are shown."""

BAR = 24
"""Characters of the longest bar."""


def print_account(ledger: Ledger, folder: Path) -> None:
    """Print what a built catalog holds, and what became of the rows.

    Args:
        ledger: Its tables.
        folder: Its run folder.
    """
    from oscine.catalog import account

    told = account(ledger)
    console = plain_console()
    tables = [_catalogs(told["catalogs"])]
    for part, final in told["final"].items():
        if told["waterfall"][part][0]["rows"]:
            tables += [_waterfall(part, told["waterfall"][part])]
        if final["rows"]:
            tables += [_classes(ledger, part), _first_rows(ledger, part)]
    if told["findings"]:
        tables.append(_findings(told["findings"]))
    if told["conflicts"]:
        tables.append(_conflicts(told["conflicts"]))
    for table in tables:
        # The title goes before the table: within, it would wrap at the width of a narrow one.
        title, table.title = table.title, None
        console.print(f"\n{title}", style="bold")
        console.print(table)
    console.print()
    if not ledger.audited:
        console.print(
            "THE AUDIT WAS SKIPPED: the recipe switches it off. No file was decoded; twins by "
            "content, silent and corrupt files stay unseen.",
            style="bold yellow",
        )
    for part, split in told["folds"].items():
        console.print(_split_line(part, split, told["final"][part]["rows"]))
    console.print(
        f"one row's story: oscine catalog explain RECORDING --run {folder}", soft_wrap=True
    )
    console.print(f"the page about the data: oscine catalog report {folder}", soft_wrap=True)


def _catalogs(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "Rows of each catalog",
        ("catalog", "part"),
        ("read", "kept", "classes", "recordists"),
    )
    table.add_column("", no_wrap=True)
    most = max(row["read"] for row in rows)
    for row in rows:
        counts = (row["read"], row["recordings"], row["classes"], row["recordists"])
        bar = "█" * round(BAR * row["recordings"] / most)
        rest = "░" * (round(BAR * row["read"] / most) - len(bar))
        table.add_row(row["catalog"], row["part"], *map(_number, counts), bar + rest)
    return table


def _waterfall(part: str, steps: Sequence[Mapping[str, Any]]) -> Table:
    first, last = steps[0]["rows"], steps[-1]["rows"]
    title = f"{part}: {_number(first)} rows, {_number(last)} stay"
    table = _table(title, ("stage", "step"), ("rows", "removed", "share"))
    for step in steps:
        removed = step["removed"]
        share = f"{100 * removed / (step['rows'] + removed):.2f} %" if removed else ""
        table.add_row(
            step["stage"],
            step["step"].replace("_", " "),
            _number(step["rows"]),
            _number(removed) if removed else "",
            share,
            style="" if removed or step["step"] == "concatenate" else "dim",
        )
    return table


def _classes(ledger: Ledger, part: Part) -> Table:
    from oscine.catalog import counts_by_class

    counts = counts_by_class(ledger.final[part])
    title = f"{part}: {_number(len(counts))} classes, the commonest and the rarest"
    table = _table(title, ("class",), ("recordings", "recordists", "heard in others"))
    rows = list(counts.iter_rows())
    if len(rows) > 2 * ENDS:
        rows = [*rows[:ENDS], ("...", None, None, None), *rows[-ENDS:]]
    for label, *numbers in rows:
        table.add_row(label, *(("" if n is None else _number(n)) for n in numbers))
    return table


def _first_rows(ledger: Ledger, part: Part) -> Table:
    from oscine.catalog import first_rows

    recordings = ledger.final[part]
    shown = first_rows(recordings, FIRST_ROWS)
    title = f"{part}: the first {len(shown)} of {_number(len(recordings))} rows, side by side"
    table = _table(title, ("column", *(str(place + 1) for place in range(len(shown)))), ())
    for name in shown.columns:
        table.add_row(name, *map(_text, shown[name].to_list()))
    return table


def _findings(findings: Mapping[str, Mapping[str, int]]) -> Table:
    from oscine.core import reason_words

    table = _table("Findings", ("finding", "meaning"), ("rows", "kept out"))
    for reason, count in findings.items():
        kept_out = _number(count["quarantined"]) if count["quarantined"] else ""
        words = reason_words()[reason]
        table.add_row(reason.replace("_", " "), words, _number(count["rows"]), kept_out)
    return table


def _conflicts(conflicts: Sequence[Mapping[str, Any]]) -> Table:
    title = f"{len(conflicts)} conflicts of labels: nothing is chosen, all rows stay"
    table = _table(title, ("conflict", "rows"), ())
    for conflict in conflicts[:CONFLICTS]:
        table.add_row(conflict["detail"], "\n".join(conflict["recording_ids"]))
    if len(conflicts) > CONFLICTS:
        table.add_row(f"and {len(conflicts) - CONFLICTS} more", "audit/findings.parquet")
    return table


def _split_line(part: str, split: Mapping[str, Any], n_rows: int) -> str:
    validated, held = split["validated"], split["always_training"]
    return (
        f"{part}: {len(validated)} folds of {_number(min(validated))} to "
        f"{_number(max(validated))} rows, {_number(split['groups'])} groups; {_number(held)} rows "
        f"({100 * held / n_rows:.0f} %) are always in training"
    )


def _table(title: str, texts: Iterable[str], numbers: Iterable[str]) -> Table:
    table = Table(title=title, box=None, header_style="bold")
    for name in texts:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _number(value: int) -> str:
    return f"{value:,}"
