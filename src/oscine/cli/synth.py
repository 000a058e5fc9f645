"""`oscine synth`: write a synthetic chorus to try everything on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from oscine.cli.terminal import plain_console


def synth(
    out: Annotated[Path, typer.Argument(help="Folder to make; a finished chorus is left alone.")],
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 42,
    size: Annotated[str, typer.Option(help="How much: demo or tiny.")] = "demo",
) -> None:
    """Write a synthetic chorus: two years of recordings and soundscapes in BirdCLEF's layout."""
    from oscine.synth import render, sized

    report = render(sized(size, seed=seed), out)
    table = Table("what", "count", title=f"Synthetic chorus in {out}")
    for name, value in asdict(report).items():
        table.add_row(name, str(value))
    plain_console().print(table)
