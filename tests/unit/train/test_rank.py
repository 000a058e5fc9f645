"""The parts of a process alone; whole processes are in test_launch."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal

import pytest

from oscine.train.rank import STOPPED, _Sender, end_on_sigterm


def test_sigterm_leaves_through_all_that_is_to_be_closed():
    before = signal.getsignal(signal.SIGTERM)
    try:
        end_on_sigterm()
        with pytest.raises(SystemExit) as left:
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert left.value.code == STOPPED == 128 + signal.SIGTERM


def test_a_log_line_arrives_with_its_words_filled_in():
    inbox, outbox = multiprocessing.Pipe(duplex=False)
    record = logging.LogRecord("oscine", logging.WARNING, "a.py", 1, "%s!", (object(),), None)
    words = record.getMessage()
    _Sender(outbox).handle(record)
    came = inbox.recv()
    assert (came.name, came.levelno, came.getMessage()) == ("oscine", logging.WARNING, words)
