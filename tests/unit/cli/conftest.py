"""Calling the command line as `oscine ...` does, in this process."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest

from oscine.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command left: its exit status, and what it printed where."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_logging():
    """Commands point the log to the error stream of their test, which ends with it."""
    logger = logging.getLogger("oscine")
    before = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def oscine(monkeypatch, capsys):
    """Runs `oscine WORDS...` on a wide terminal without colours."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["oscine", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        return Said(int(caught.value.code or 0), printed.out, printed.err)

    return call
