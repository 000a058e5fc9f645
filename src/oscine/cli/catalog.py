"""`oscine catalog`: build the audited table of a recipe, and tell how its rows came to be."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from oscine.cli.account import print_account
from oscine.cli.run import (
    ExcludeLicense,
    Json,
    Out,
    Overrides,
    RecipeName,
    print_stages,
    run_stages,
    with_licenses,
)
from oscine.cli.story import print_story
from oscine.cli.terminal import plain_console

app = typer.Typer(help="Catalogs: read, merge, audit, fold, explain, report.", no_args_is_help=True)

RUNS = Path("runs")
"""Where runs lie when nothing else is said."""


@app.command()
def build(
    recipe: RecipeName,
    overrides: Overrides = None,
    out: Out = None,
    exclude_license: ExcludeLicense = None,
    as_json: Json = False,
) -> None:
    """Read and merge a recipe's catalogs, audit the recordings, make the folds."""
    from oscine.catalog import account
    from oscine.pipeline import read_ledger

    folder, stages = run_stages(recipe, with_licenses(overrides, exclude_license), out, ["folds"])
    ledger = read_ledger(folder)
    if as_json:
        told = {"run": str(folder), "stages": stages, **account(ledger)}
        plain_console().print_json(data=told)
        return
    print_stages(stages, as_json=False)
    print_account(ledger, folder)


@app.command()
def explain(
    recording: Annotated[
        str,
        typer.Argument(
            help="Its id with or without XC, its recording_id, file name or path.",
            show_default=False,
        ),
    ],
    run: Annotated[
        Path | None,
        typer.Option("--run", help="The run folder; default: the newest below runs/."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the story as JSON.")] = False,
) -> None:
    """Tell the story of one recording: where it stood, what each step did, where it ended."""
    from oscine.catalog import tell
    from oscine.pipeline import newest_run, read_ledger

    folder = run or newest_run(RUNS)
    stories = tell(read_ledger(folder), recording)
    console = plain_console()
    if as_json:
        told = {"run": str(folder), "stories": [asdict(story) for story in stories]}
        console.print_json(data=told)
        return
    newest = "" if run else " (the newest; --run takes another)"
    console.print(f"run: {folder}{newest}", soft_wrap=True)
    for story in stories:
        print_story(story)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="Run folder, as `oscine catalog build` made it.")],
) -> None:
    """Write the HTML page about a run's data, and its figures, from the stored artifacts."""
    from oscine.report import build_catalog_report

    plain_console().print(str(build_catalog_report(run)), soft_wrap=True)
