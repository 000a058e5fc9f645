"""`oscine report`: make the HTML report of a run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oscine.cli.terminal import plain_console
from oscine.core import MissingExtraError


def report(
    run: Annotated[Path, typer.Argument(help="Run folder, as `oscine run` printed it.")],
) -> None:
    """Write a run's HTML report and its figures from the stored artifacts."""
    try:
        from oscine.report import build_report
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("oscine"):
            raise
        raise MissingExtraError("train", error.name) from error
    page = build_report(run)
    plain_console().print(str(page), soft_wrap=True)
