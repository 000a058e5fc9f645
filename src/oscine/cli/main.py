"""The `oscine` command: one command = read the recipe, call one function, print."""

from __future__ import annotations

import logging
import sys

import typer
from rich.console import Console
from rich.logging import RichHandler

from oscine.cli import demo, recipe, report, run, scan, serve, synth
from oscine.core import MissingExtraError, OscineError

app = typer.Typer(
    name="oscine",
    help="From field recordings to a bird-sound recogniser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
catalog = typer.Typer(help="Catalogs: read, merge, audit, fold.", no_args_is_help=True)
catalog.command("build")(run.catalog_build)

app.command()(run.run)
app.command()(demo.demo)
app.add_typer(recipe.app, name="recipe")
app.add_typer(catalog, name="catalog")
app.command()(run.fit)
app.command()(run.evaluate)
app.command()(run.bundle)
app.command()(scan.scan)
app.command()(report.report)
app.command()(serve.serve)
app.command()(synth.synth)

TRAINING_PACKAGES = {"torch", "timm", "lightning", "sklearn", "matplotlib", "jinja2", "onnx"}
"""What the extra `train` brings; the light install lacks them."""


def set_up_logging(verbose: bool = True) -> None:
    """Send log lines to the terminal's error stream, plain where there is no terminal."""
    handler: logging.Handler
    if sys.stderr.isatty():
        handler = RichHandler(console=Console(stderr=True), show_path=False, show_level=False)
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    logger = logging.getLogger("oscine")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    logger.propagate = False


def main() -> None:
    """Run the command line; an `OscineError` becomes one message and exit status 2."""
    set_up_logging()
    try:
        app()
    except OscineError as error:
        _fail(error)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in TRAINING_PACKAGES:
            raise
        _fail(MissingExtraError("train", error.name))


def _fail(error: OscineError) -> None:
    Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
    raise SystemExit(2) from None
