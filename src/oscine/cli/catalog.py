"""`oscine catalog`: build the audited table of a recipe, and tell how its rows came to be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from oscine.cli.run import Json, Out, Overrides, RecipeName, print_stages, run_stages
from oscine.cli.terminal import plain_console
from oscine.core import MissingExtraError

app = typer.Typer(help="Catalogs: read, merge, audit, fold.", no_args_is_help=True)


@app.command()
def build(
    recipe: RecipeName, overrides: Overrides = None, out: Out = None, as_json: Json = False
) -> None:
    """Read and merge a recipe's catalogs, audit the recordings, make the folds."""
    folder, rows = run_stages(recipe, overrides, out, ["folds"])
    print_stages(rows, as_json)
    if not as_json:
        _print_waterfall(folder)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="Run folder, as `oscine catalog build` made it.")],
) -> None:
    """Write the HTML page about a run's data, and its figures, from the stored artifacts."""
    try:
        from oscine.report import build_catalog_report
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("oscine"):
            raise
        raise MissingExtraError("train", error.name) from error
    plain_console().print(str(build_catalog_report(run)), soft_wrap=True)


def _print_waterfall(folder: Path) -> None:
    from oscine.core import read_json

    table = Table("step", "part", "rows", "removed", box=None, header_style="bold")
    for stage in ("catalog", "audit"):
        for step in read_json(folder / stage / "waterfall.json")["steps"]:
            row = (step["step"], step["part"], step["rows"], step["removed"])
            table.add_row(*map(str, row))
    plain_console().print(table)
