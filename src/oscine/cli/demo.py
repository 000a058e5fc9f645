"""`oscine demo`: the main job end to end on data that oscine makes itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from oscine.cli.run import Overrides, build_page, print_stages
from oscine.cli.terminal import set_up_logging


def demo(
    overrides: Overrides = None,
    out: Annotated[Path, typer.Option("--out", help="The run folder.")] = Path("runs/demo"),
    data: Annotated[
        Path, typer.Option("--data", help="Where the synthetic chorus is made.")
    ] = Path("demo-data"),
    size: Annotated[str, typer.Option("--size", help="demo, or tiny (for a look).")] = "demo",
) -> None:
    """Make a synthetic chorus, then pretrain, fine-tune, cross-validate, bundle, scan, report."""
    from oscine import pipeline
    from oscine.synth import render, sized

    render(sized(size), data)
    settings = {
        "catalogs.0.path": str(data / "year_a"),
        "catalogs.1.path": str(data / "year_b"),
        "scan.paths": [str(data / "year_b" / "train_soundscapes")],
        "scan.annotations": str(data / "year_b" / "train_soundscapes_labels.csv"),
    }
    places = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
    recipe = pipeline.load_recipe("demo", [*places, *(overrides or [])])
    set_up_logging(recipe.verbose)
    print_stages(pipeline.run(recipe, out), as_json=False)
    build_page(out)
