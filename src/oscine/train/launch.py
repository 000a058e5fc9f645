"""Starting the processes of a fit on this machine, listening to them, and ending them all.

The process that asks for a fit is none of them: it starts one for each device, passes their log
lines on, and waits. Whatever becomes of one of them, or of itself, none is left behind. The ranks
import neither the caller's script nor the stages above; they are given the work as it is.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

import torch.distributed as dist

from oscine.core import OscineError, TrainingError
from oscine.train.rank import Failure, Orders, Result, serve, stop
from oscine.train.world import World

log = logging.getLogger("oscine")

EXPLAIN_S = 2.0
"""How long the others may still say what is wrong, once one has failed: who loses its peer fails
too, and may be heard first."""

END_S = 5.0
"""How long a process that was told to end may take to close its loggers."""

HOST = "127.0.0.1"
AGAIN = "the same command goes on from the last checkpoint"


@dataclass
class _Rank:
    """A process that was started, what it says, and how it ended."""

    number: int
    process: BaseProcess
    inbox: Connection
    outcome: Result | Failure | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than with a result."""
        return bool(self.process.exitcode) or isinstance(self.outcome, Failure)


def run_ranks(work: Callable[..., Any], arguments: tuple[Any, ...], n: int, what: str) -> Any:
    """Have `n` processes do a work together, and wait for them.

    Args:
        work: A function of a module; each process calls it.
        arguments: What it is called with.
        n: How many processes.
        what: What errors call the work.

    Returns:
        What the first process's call returned.

    Raises:
        OscineError: One of them raised it.
        TrainingError: One of them was killed, or failed in another way.
    """
    store = dist.TCPStore(HOST, 0, is_master=True, wait_for_workers=False)  # type: ignore[attr-defined]
    ranks: list[_Rank] = []
    with _ended_by_sigterm():
        try:
            with _main_module_hidden():
                for number in range(n):
                    world = World(number, n, number, n)
                    orders = Orders(world, HOST, store.port, log.getEffectiveLevel())
                    ranks.append(_start(orders, work, arguments))
            _listen(ranks)
            if any(rank.failed for rank in ranks):
                raise _explained(ranks, what)
        finally:
            _end(ranks)
    first = ranks[0].outcome
    assert isinstance(first, Result)
    return first.value


def _start(orders: Orders, work: Callable[..., Any], arguments: tuple[Any, ...]) -> _Rank:
    context = multiprocessing.get_context("spawn")
    inbox, outbox = context.Pipe(duplex=False)
    number = orders.world.rank
    process = context.Process(
        target=serve,
        args=(orders, outbox, work, arguments),
        name=f"oscine rank {number}",
        daemon=True,
    )
    process.start()
    outbox.close()  # or its end would not be seen here
    return _Rank(number, process, inbox)


def _listen(ranks: list[_Rank]) -> None:
    """Take what the ranks say until all have ended, or one failed and the others had their time."""
    open_ = {rank.inbox: rank for rank in ranks}
    until = None
    while open_:
        left = None if until is None else max(0.0, until - time.monotonic())
        ready = wait(list(open_), left)
        if not ready:
            return
        for inbox in ready:
            assert isinstance(inbox, Connection)
            rank = open_[inbox]
            try:
                _take(rank, inbox.recv())
            except (EOFError, ConnectionError):
                del open_[inbox]
                rank.process.join(END_S)
            if rank.failed and until is None:
                until = time.monotonic() + EXPLAIN_S


def _take(rank: _Rank, message: object) -> None:
    if isinstance(message, logging.LogRecord):
        logging.getLogger(message.name).handle(message)
    else:
        assert isinstance(message, Result | Failure)
        rank.outcome = message


def _end(ranks: list[_Rank]) -> None:
    """End whoever still runs, the hard way if need be."""
    until = time.monotonic() + END_S
    alive = [rank for rank in ranks if rank.process.is_alive()]
    for rank in alive:
        rank.process.terminate()
    for rank in alive:
        rank.process.join(max(0.0, until - time.monotonic()))
        rank.process.kill()
        rank.process.join()


def _explained(ranks: list[_Rank], what: str) -> OscineError:
    """Tell why a fit failed: a kill before an error on purpose, and that before all others."""
    failures = [rank.outcome for rank in ranks if isinstance(rank.outcome, Failure)]
    failures.sort(key=lambda failure: failure.time_s)
    for rank in ranks:
        status = rank.process.exitcode
        if status and rank.outcome is None:
            how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
            return TrainingError(
                f"process {rank.number} of {len(ranks)} ended before its time ({how})",
                where=what,
                fix=f"{AGAIN}; if nobody killed it, memory may be short: a smaller batch_size or "
                "devices.count needs less",
            )
    for failure in failures:
        if failure.error is not None:
            return failure.error
    log.error("%s", failures[0].traceback)
    last = failures[0].traceback.strip().rpartition("\n")[2]
    return TrainingError(f"a process failed: {last}", where=what, fix=AGAIN)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise SystemExit in this process, so that it can end those that it started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Keep multiprocessing from importing the caller's script in each process.

    Nothing of it is needed there, and a script without `if __name__ == "__main__"` would run anew.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
