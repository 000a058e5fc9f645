"""The story of one recording in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table

from oscine.cli.terminal import plain_console

if TYPE_CHECKING:
    from oscine.catalog.placement import Placement
    from oscine.catalog.story import Entry, Exit, Story

SAME_BYTES = 5
"""How many byte-identical files are named."""


def print_story(story: Story) -> None:
    """Print a story: each row of the recording in order, then what its classes have."""
    from oscine.catalog import normalise_license

    console = plain_console()
    n_rows = len(story.entries)
    labels = ", ".join(dict.fromkeys(entry.primary_label for entry in story.entries))
    console.print(f"\n{story.recording}: {_count(n_rows, 'row')}, as {labels}", style="bold")
    grouped: dict[str, int] = {}
    for place, entry in enumerate(story.entries, start=1):
        ends = f"left at {_plain(entry.exit.step)}" if entry.exit else f"in {entry.part}"
        style = "yellow" if entry.exit else "green"
        console.print(f"\n{place}. {entry.catalog}: {entry.primary_label}, {ends}", style=style)
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row("  id", entry.recording_id)
        grid.add_row("  file", entry.filepath)
        grid.add_row("  recordist", entry.author or "not stated")
        grid.add_row("  licence", normalise_license(entry.license))
        for name, text in _events(entry, story.audited):
            grid.add_row(f"  {name}", text)
        if entry.placement:
            told = grouped.setdefault(entry.placement.group, place)
            for name, text in _group(entry.placement, None if told == place else told):
                grid.add_row(f"  {name}", text)
        console.print(grid)
    console.print()
    console.print(_classes(story))


def _events(entry: Entry, audited: bool) -> Iterator[tuple[str, str]]:
    """Tell what happened to a row, in order."""
    if entry.passed:
        yield "passed", ", ".join(map(_plain, entry.passed))
    if entry.measured:
        yield "measured" if audited else "header", _measured(entry.measured)
    elif not audited:
        yield "audit", "SKIPPED: the recipe switches it off"
    if entry.same_bytes:
        lines = [f"{name}, which {fate}" for name, fate in entry.same_bytes.items()]
        more = len(lines) - SAME_BYTES
        lines[SAME_BYTES:] = [f"and {more} more"] if more > 0 else []
        yield "same bytes", "\n".join(lines)
    for match in entry.same_audio:
        share = f"{match['overlap_s']:.2f} s, {100 * match['share']:.0f} % of this one"
        yield "same audio", f"{match['other']} ({share}), which {match['fate']}"
    why = entry.exit.reason if entry.exit else None
    for finding in entry.findings:
        if finding["reason"] == why:
            continue  # told below
        kept_out = ", kept out" if finding["quarantined"] else ""
        yield "finding", f"{_plain(finding['reason'])}{kept_out}: {finding['detail']}"
        yield "", finding["words"]
    if entry.exit:
        yield "left", _exit(entry.exit)
    if entry.placement and entry.placement.why:
        yield "fold", f"none: always in training, since {entry.placement.why}"
    elif entry.placement:
        yield "fold", f"{entry.placement.fold} of {entry.part} validates it"


def _exit(exit_: Exit) -> str:
    lines = [f"{_plain(exit_.reason)}: {exit_.words}", exit_.detail]
    if exit_.instead and exit_.instead in exit_.detail:
        lines[-1] += f", which {exit_.instead_fate}"
    elif exit_.instead:
        lines.append(f"{exit_.instead}, which {exit_.instead_fate}")
    return "\n".join(lines)


def _group(placement: Placement, told: int | None) -> Iterator[tuple[str, str]]:
    """Say who must not be parted from a row, and why; `told` is the row that said it before."""
    if placement.group_size == 1:
        yield "group", "alone"
        return
    if told is not None:
        yield "group", f"the same as that of {told}."
        return
    yield "group", f"{placement.group_size:,} rows, never parted; named by {placement.group}"
    for key, value in placement.shared.items():
        if n_others := value["others"]:
            yield "", f"{key} {value['value']}: {_count(n_others, 'other row')}"
    heading = "with"
    for companion in placement.companions:
        joined = " and ".join(companion.shares) or "others of the group"
        yield heading, f"{companion.recording_id} ({companion.primary_label}), by {joined}"
        heading = ""


def _classes(story: Story) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("class", "part"):
        table.add_column(name)
    for name in ("read", "kept", "recordists", "always in training", "in a fold"):
        table.add_column(name, justify="right")
    for count in story.classes:
        folds = [n for fold, n in count.by_fold.items() if fold >= 0]
        held = count.by_fold.get(-1, 0)
        numbers = (count.read, count.kept, count.recordists, held)
        spread = f"{min(folds):,} to {max(folds):,}" if folds else "none"
        table.add_row(count.primary_label, count.part, *(f"{n:,}" for n in numbers), spread)
    return table


def _measured(facts: Mapping[str, Any]) -> str:
    """Say what decoding told, with units."""
    forms = {
        "duration_s": "{:.2f} s",
        "sample_rate": "{} Hz",
        "n_channels": "{}-channel",
        "peak": "peak {:.3f}",
        "rms_dbfs": "{:.1f} dBFS",
        "size_bytes": "{:,} bytes",
        "content_hash": "hash {:.12}",
        "reason": "not decoded: {}",
    }
    return ", ".join(form.format(facts[key]) for key, form in forms.items() if key in facts)


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
