"""One process of a fit, as `oscine.train.launch` starts it: from its orders to its outcome."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import FrameType
from typing import Any

import torch

from oscine.core import OscineError, available_cores
from oscine.train.collectives import disconnect
from oscine.train.world import World

STOPPED = 143
"""Exit status of a process that SIGTERM ended, as shells have it."""


@dataclass(frozen=True)
class Orders:
    """What a process must know before it starts its work.

    Args:
        world: Which of them it is.
        host: Where the processes meet.
        port: The port there.
        log_level: What the log of the first one shows; others warn only.
    """

    world: World
    host: str
    port: int
    log_level: int


@dataclass(frozen=True)
class Result:
    """What a work returned."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """What a work raised.

    Args:
        time_s: When, by a clock that all processes of the machine share.
        error: The error, if it is one of oscine's.
        traceback: Where it came from.
    """

    time_s: float
    error: OscineError | None
    traceback: str


def serve(
    orders: Orders, outbox: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """Do a work as one of several processes; the outcome goes to whoever started it.

    Args:
        orders: What this process must know.
        outbox: Takes log records, and the outcome as the last.
        work: What is done.
        arguments: What it is called with.
    """
    _set_up(orders, outbox)
    try:
        value = work(*arguments)
    except Exception as error:
        known = error if isinstance(error, OscineError) else None
        outbox.send(Failure(time.monotonic(), known, traceback.format_exc()))
        os._exit(1)  # no farewell: those that still wait for this one must learn of it now
    disconnect()
    outbox.send(Result(value if orders.world.first else None))


def _set_up(orders: Orders, outbox: Connection) -> None:
    world = orders.world
    place = {"MASTER_ADDR": orders.host, "MASTER_PORT": str(orders.port)}
    # The store where the processes meet is the starter's, so that its port is free for certain.
    os.environ.update(world.variables() | place | {"TORCHELASTIC_USE_AGENT_STORE": "True"})
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the starter ends the others
    end_on_sigterm()
    threading.Thread(target=_end_with_parent, name="oscine parent", daemon=True).start()
    logger = logging.getLogger("oscine")
    logger.handlers = [_Sender(outbox)]
    logger.setLevel(orders.log_level if world.first else logging.WARNING)
    logger.propagate = False
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, available_cores() // world.local_size))


def end_on_sigterm() -> None:
    """Let SIGTERM raise SystemExit: loggers are closed, and nothing waits for other processes.

    Lightning's own answer is a word to all processes, for which a killed one is never ready.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def stop(number: int, frame: FrameType | None) -> None:
    """Answer a signal by leaving, through all that is to be closed."""
    del number, frame
    raise SystemExit(STOPPED)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(STOPPED)


class _Sender(logging.handlers.QueueHandler):
    """Sends log records to the starter, whose handlers show them."""

    def __init__(self, outbox: Connection) -> None:
        super().__init__(SimpleQueue())  # of no use: nothing waits here
        self.outbox = outbox

    def enqueue(self, record: logging.LogRecord) -> None:
        self.outbox.send(record)
