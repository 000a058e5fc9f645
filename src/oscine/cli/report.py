"""`oscine report`: make the HTML report of a run again, or its figures for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from oscine.cli.terminal import plain_console


def report(
    run: Annotated[Path, typer.Argument(help="Run folder, as `oscine run` printed it.")],
    figures: Annotated[
        Path | None,
        typer.Option(help="Write the figures for print into this folder, in place of the page."),
    ] = None,
    kind: Annotated[
        Literal["svg", "pdf"], typer.Option("--format", help="Format of the figures for print.")
    ] = "svg",
    width_mm: Annotated[
        float,
        typer.Option(min=50.0, max=400.0, help="Their width, mm; 89 is one column of most papers."),
    ] = 183.0,
) -> None:
    """Write a run's HTML report from the stored artifacts, or its figures for a paper."""
    from oscine.report import build_report, write_figures

    if figures is None:
        plain_console().print(str(build_report(run)), soft_wrap=True)
        return
    for path in write_figures(run, figures, kind, width_mm):
        plain_console().print(str(path), soft_wrap=True)
