from __future__ import annotations

import threading
import time

import pytest

from oscine.core import CatalogError
from oscine.pipeline.doctor.diagnosis import NoAnswerError, answered, of_error


def test_an_answer_is_given_on():
    assert answered(lambda: 7) == 7


def test_none_is_an_answer():
    assert answered(lambda: None) is None


def test_silence_ends_after_the_patience():
    started = time.monotonic()
    with pytest.raises(NoAnswerError):
        answered(threading.Event().wait, 0.1)
    assert time.monotonic() - started < 5.0


def test_a_silent_thread_does_not_keep_the_process():
    with pytest.raises(NoAnswerError):
        answered(threading.Event().wait, 0.05)
    waiting = [one for one in threading.enumerate() if one.name == "oscine-doctor"]
    assert waiting
    assert all(one.daemon for one in waiting)


def test_an_error_of_who_is_asked_is_raised_here():
    def fail():
        raise CatalogError("broken")

    with pytest.raises(CatalogError, match="broken"):
        answered(fail)


def test_an_error_becomes_one_line_with_what_where_and_what_to_do():
    found = of_error("recipe", CatalogError("two\n  lines", where="a.csv", fix="mend it"))
    assert (found.level, found.what, found.fix) == ("problem", "two lines (a.csv)", "mend it")
