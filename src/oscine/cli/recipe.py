"""`oscine recipe`: look at recipes."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from oscine.cli.run import Overrides, RecipeName

app = typer.Typer(help="Look at recipes.", no_args_is_help=True)


@app.command()
def show(
    recipe: RecipeName,
    overrides: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
) -> None:
    """Print the resolved recipe: every setting, defaults and overrides included."""
    from oscine.pipeline import load_recipe

    resolved = load_recipe(recipe, overrides or [])
    typer.echo(json.dumps(resolved.to_plain(), indent=2) if as_json else resolved.to_yaml())


@app.command(name="list")
def list_presets() -> None:
    """List the presets that oscine ships."""
    from oscine.pipeline import preset_names

    for name in preset_names():
        typer.echo(name)
