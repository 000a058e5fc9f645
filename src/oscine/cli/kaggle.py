"""`oscine kaggle`: bundles on Kaggle's machines, where there is no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Kaggle: pack bundles for a notebook without network.", no_args_is_help=True)


# A group of one command would be that command: the callback keeps the group.
@app.callback()
def kaggle() -> None:
    """Kaggle: pack bundles for a notebook without network."""


@app.command()
def pack(
    bundles: Annotated[
        list[Path],
        typer.Argument(help="Bundle folders; the notebook averages them.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="The dataset folder to make.")] = Path("kaggle-pack"),
    dataset: Annotated[
        str, typer.Option(help="The dataset to be, as USER/SLUG.")
    ] = "INSERT_USERNAME_HERE/oscine-pack",
    competition: Annotated[
        str | None, typer.Option(help="Slug of the competition, such as birdclef-2026.")
    ] = None,
    python: Annotated[str, typer.Option(help="Kaggle's version of Python.")] = "3.11",
    minutes: Annotated[
        float, typer.Option(help="How long the notebook may run, installing included, min.")
    ] = 85.0,
) -> None:
    """Collect bundles, wheels and a ready notebook into one folder for a dataset."""
    from oscine.config import parse
    from oscine.deploy import PackConfig
    from oscine.deploy import pack as run

    settings: dict[str, Any] = {
        "dataset": dataset,
        "competition": competition,
        "python": python,
        "minutes": minutes,
    }
    packed = run(bundles, out, parse(PackConfig, settings, where="oscine kaggle pack"))
    for wheel in packed.wheels:
        typer.echo(f"{int(wheel['bytes']) / 1e6:8.2f} MB  {wheel['sha256']}  {wheel['name']}")
    typer.echo(
        f"{packed.n_bytes / 1e6:8.2f} MB  {packed.folder}: {len(packed.wheels)} wheels, "
        f"{len(bundles)} bundles, notebook/submission.ipynb"
    )
