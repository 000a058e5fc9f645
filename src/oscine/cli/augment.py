"""`oscine augment`: see and hear what a recipe's augmentations do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oscine.cli.run import Overrides, RecipeName
from oscine.cli.terminal import plain_console, set_up_logging

app = typer.Typer(help="Augmentation: see and hear it.", no_args_is_help=True)


@app.command()
def show(
    recipe: RecipeName,
    overrides: Overrides = None,
    recording: Annotated[
        list[str] | None,
        typer.Option(
            help="The recording that is shown, and, given again, the one that is mixed with it; "
            "default: two of the recipe's catalogs. A path or a URL.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the page; default: runs/NAME-augmentations."),
    ] = None,
) -> None:
    """Write a page with each augmentation of one recording, little, middling and much."""
    from oscine.core import location
    from oscine.pipeline import load_recipe, make_gallery
    from oscine.report import build_gallery_page

    asked = load_recipe(recipe, overrides or [])
    set_up_logging(asked.verbose)
    folder = out or Path("runs") / f"{asked.name}-augmentations"
    make_gallery(asked, [location(path) for path in recording or []], folder)
    plain_console().print(f"gallery: {build_gallery_page(folder)}", soft_wrap=True)


@app.callback()
def _group() -> None:
    """Keep `show` a command of its own while it is the only one."""
