"""One line of what the doctor found, and asking what may not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from oscine.core import OscineError

T = TypeVar("T")

Level = Literal["ok", "warning", "problem"]

PATIENCE_S = 4.0
"""How long anything that may not answer is waited for, s."""


@dataclass(frozen=True)
class Diagnosis:
    """What was found about one thing.

    Args:
        topic: What it is about, such as decoders.
        level: ok; warning: something will be worse than it could; problem: the run would stop.
        what: What was found, and what it means.
        fix: What to do about it; may be empty.
    """

    topic: str
    level: Level
    what: str
    fix: str = ""


def ok(topic: str, what: str) -> Diagnosis:
    """Say that something is as it should be."""
    return Diagnosis(topic, "ok", what)


def warning(topic: str, what: str, fix: str) -> Diagnosis:
    """Say that something will be worse than it could."""
    return Diagnosis(topic, "warning", what, fix)


def problem(topic: str, what: str, fix: str) -> Diagnosis:
    """Say that something would stop the run."""
    return Diagnosis(topic, "problem", what, fix)


def of_error(topic: str, error: OscineError) -> Diagnosis:
    """Make a problem of an error that the run would end with."""
    where = "" if error.where is None else f" ({error.where})"
    return problem(topic, " ".join(f"{error.what}{where}".split()), error.fix or "")


class NoAnswerError(Exception):
    """Nobody answered in time."""


def answered(ask: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Ask on a thread that nobody waits for when the process ends.

    Args:
        ask: May take for ever.
        patience_s: How long to wait, s.

    Returns:
        What `ask` gives; an exception in it is raised here.

    Raises:
        NoAnswerError: It took longer.
    """
    answer: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(ask())
        except BaseException as error:  # raised again where it is awaited
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True, name="oscine-doctor")
    thread.start()
    thread.join(patience_s)
    if failure:
        raise failure[0]
    if not answer:
        raise NoAnswerError
    return answer[0]
