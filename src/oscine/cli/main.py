"""The `oscine` command: one command = read the recipe, call one function, print."""

from __future__ import annotations

import logging
import sys

import typer
from rich.console import Console
from rich.logging import RichHandler

from oscine.core import OscineError

app = typer.Typer(
    name="oscine",
    help="From field recordings to a bird-sound recogniser.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


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
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        raise SystemExit(2) from None
