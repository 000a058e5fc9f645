"""`oscine compare`: runs side by side, with paired differences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console

if TYPE_CHECKING:
    from oscine.report import Comparison


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN[:STAGE]...",
            help="Run folders; the others are held against the first. With :finetune, :baseline or "
            ":naive behind it, that model of a run: one run can be given with several.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page.")] = Path("comparison"),
    stage: Annotated[
        Literal["finetune", "baseline", "naive"] | None,
        typer.Option(
            help="Which model of runs that name none; default: the fine-tuned one, else that "
            "without pretraining."
        ),
    ] = None,
    group_seeds: Annotated[
        bool,
        typer.Option(
            "--group-seeds/--no-group-seeds",
            help="Take runs that differ in their seed alone as one, and the seeds into account.",
        ),
    ] = True,
    draws: Annotated[int, typer.Option(min=1, help="Draws of the bootstrap.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Put runs side by side: a change is called better only where its interval excludes none."""
    from oscine.report import build_comparison
    from oscine.report import compare as read

    comparison = read(runs, stage, draws, group_seeds=group_seeds)
    page = build_comparison(comparison, out)
    if as_json:
        plain_console().print_json(data=comparison.to_plain())
        return
    print_comparison(comparison)
    plain_console().print(f"comparison: {page}", soft_wrap=True)


def print_comparison(comparison: Comparison) -> None:
    """Print the metrics of each contender, its differences, and what they say."""
    from oscine.report.sections.verdicts import metrics_of, notes, sentence

    names = [one.name for one in comparison.contenders]
    table = Table("metric", *names, box=None, header_style="bold")
    for key, shown in metrics_of(comparison).items():
        values = [comparison.values[name].get(key) for name in names]
        changes = [comparison.differences[name].get(key) for name in names[1:]]
        cells = ["" if one is None else f"{one.value:.3f}" for one in values]
        for place, one in enumerate(changes, 1):
            if one is not None and one.low is not None:
                cells[place] += f"  {one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
        table.add_row(shown, *cells)
    plain_console().print(table)
    for text in [*(sentence(comparison, name) for name in names[1:]), *notes(comparison)]:
        plain_console().print(text, soft_wrap=True)
