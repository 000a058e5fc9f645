"""How the command line speaks: log lines and errors."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.logging import RichHandler


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
    # It logs a traceback of every attempt; the error that it raises in the end says the same.
    logging.getLogger("gcsfs").addHandler(logging.NullHandler())


def plain_console(stderr: bool = False) -> Console:
    """Open a console that prints texts as they are: a path may hold `[red]` or `:key:`."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def print_error(error: Exception) -> None:
    """Print an error as one message."""
    plain_console(stderr=True).print(f"error: {error}", style="red", soft_wrap=True)
