"""Progress of anything long: a Rich bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Generator, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

T = TypeVar("T")
log = logging.getLogger("oscine")

PLAIN_INTERVAL_S = 10.0
"""How often a plain log says where it is."""


def track(items: Iterable[T], what: str, total: int, unit: str = "files") -> Generator[T]:
    """Yield `items` while showing count, rate and time left.

    Args:
        items: What is worked through.
        what: What is being done, such as "audit".
        total: How many items there are.
        unit: What an item is, in the plural.

    Yields:
        The items, unchanged and in order.
    """
    if sys.stderr.isatty():
        yield from _bar(items, what, total, unit)
    else:
        yield from _lines(items, what, total, unit)


def _bar(items: Iterable[T], what: str, total: int, unit: str) -> Generator[T]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit + " {task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total, rate="")
        started = time.monotonic()
        for done, item in enumerate(items, start=1):
            yield item
            rate = done / max(1e-9, time.monotonic() - started)
            progress.update(task, advance=1, rate=f"{rate:.1f}/s")


def _lines(items: Iterable[T], what: str, total: int, unit: str) -> Generator[T]:
    started = said = time.monotonic()
    done = 0
    for item in items:
        done += 1
        yield item
        now = time.monotonic()
        if now - said >= PLAIN_INTERVAL_S and done < total:
            said = now
            rate = done / (now - started)
            left = (total - done) / rate
            log.info("%s: %d/%d %s, %.1f/s, %.0f s left", what, done, total, unit, rate, left)
    spent = time.monotonic() - started
    if spent >= PLAIN_INTERVAL_S or unit != "batches":
        log.info("%s: %d %s in %.1f s", what, done, unit, spent)
