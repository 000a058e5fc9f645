"""`oscine compare`: runs side by side, with paired differences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Run folders; the others are held against the first."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page.")] = Path("comparison"),
    stage: Annotated[
        Literal["finetune", "baseline", "naive"] | None,
        typer.Option(help="Which model; default: the fine-tuned one, else that without it."),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="Draws of the bootstrap.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Put runs side by side: a change is called better only where its interval excludes none."""
    from oscine.report import build_comparison
    from oscine.report import compare as read
    from oscine.report.sections.comparison import metrics_of, sentence

    comparison = read(runs, stage, draws)
    page = build_comparison(comparison, out)
    if as_json:
        plain_console().print_json(data=comparison.to_plain())
        return
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
    for name in names[1:]:
        plain_console().print(sentence(comparison, name), soft_wrap=True)
    plain_console().print(f"comparison: {page}", soft_wrap=True)
