"""`oscine doctor`: what was found on this machine, and what would go wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from oscine.cli.run import Out, Overrides
from oscine.cli.terminal import plain_console

if TYPE_CHECKING:
    from oscine.pipeline.doctor import Diagnosis

STYLES = {"ok": "", "warning": "yellow", "problem": "bold red"}


def doctor(
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe file (.yaml), or the name of a preset.")
    ] = None,
    overrides: Overrides = None,
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at this machine and a recipe; exit status 1 if something would stop the run."""
    from oscine.pipeline.doctor import examine

    found = []
    for one in examine(recipe, overrides or [], out):
        found.append(one)
        if not as_json:
            print_diagnosis(one)
    counts = Counter(one.level for one in found)
    if as_json:
        plain_console().print_json(data=[asdict(one) for one in found])
    else:
        plain_console().print(
            f"{counts['ok']} ok, {counts['warning']} warnings, {counts['problem']} problems"
        )
    if counts["problem"]:
        raise typer.Exit(1)


def print_diagnosis(one: Diagnosis) -> None:
    """Print one line: level, topic, what was found, and what to do."""
    advice = f"; to do: {one.fix}" if one.fix else ""
    line = f"{one.level:<8} {one.topic}: {one.what}{advice}"
    plain_console().print(line, style=STYLES[one.level], soft_wrap=True)
