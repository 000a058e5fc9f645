"""Mapping a function over many items on threads, in order, with bounded read-ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from oscine.core.machine import available_cores

A = TypeVar("A")
B = TypeVar("B")


def map_ordered(
    function: Callable[[A], B], items: Iterable[A], workers: int = 0, ahead: int = 2
) -> Iterator[B]:
    """Apply `function` to each item on threads, and yield the results in the items' order.

    Decoding, resampling and hashing release the interpreter's lock, so threads use all cores
    without copies between processes.

    Args:
        function: What is applied; it must be thread-safe.
        items: Inputs, read lazily.
        workers: Threads; 0 means one for each core.
        ahead: How many items a thread may be ahead of the reader, which bounds memory.

    Yields:
        The results. An exception in `function` is raised where its result would have come.

    Example:
        >>> list(map_ordered(abs, [-1, 2, -3]))
        [1, 2, 3]
    """
    workers = workers or available_cores()
    waiting: deque[Future[B]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="oscine") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > workers * ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
