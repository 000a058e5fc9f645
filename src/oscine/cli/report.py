"""`oscine report`: make the HTML report of a run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oscine.cli.terminal import plain_console


def report(
    run: Annotated[Path, typer.Argument(help="Run folder, as `oscine run` printed it.")],
) -> None:
    """Write a run's HTML report and its figures from the stored artifacts."""
    from oscine.report import build_report

    page = build_report(run)
    plain_console().print(str(page), soft_wrap=True)
