from __future__ import annotations

import io
import logging
import re
import sys

import pytest
from rich.logging import RichHandler

from oscine.cli.terminal import print_error, set_up_logging
from oscine.core import ConfigError

log = logging.getLogger("oscine")


def test_without_a_terminal_the_log_is_plain_lines_with_the_time(capsys):
    set_up_logging()
    log.info("%s: done in %.1f s", "audit", 2.5)
    printed = capsys.readouterr()
    assert re.fullmatch(r"\d\d:\d\d:\d\d audit: done in 2\.5 s\n", printed.err)
    assert printed.out == ""


def test_a_line_is_not_broken_however_long(capsys):
    set_up_logging()
    log.info("x" * 500)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_run_that_is_not_verbose_says_warnings_only(capsys):
    set_up_logging(verbose=False)
    log.info("a detail")
    log.warning("a warning")
    assert capsys.readouterr().err.split(maxsplit=1)[1] == "a warning\n"


def test_setting_up_twice_does_not_say_everything_twice(capsys):
    set_up_logging()
    set_up_logging()
    log.info("once")
    assert capsys.readouterr().err.count("once") == 1


def test_on_a_terminal_rich_writes_the_log(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    set_up_logging()
    (handler,) = log.handlers
    assert isinstance(handler, RichHandler)
    log.info("a line")
    assert "a line" in stream.getvalue()


def test_an_error_is_one_message_with_what_where_and_what_to_do(capsys):
    print_error(ConfigError("no such recipe", where="x.yaml", fix="check the path"))
    printed = capsys.readouterr()
    assert printed.err == "error: no such recipe (x.yaml): check the path\n"
    assert printed.out == ""


@pytest.mark.parametrize("text", ["[red]", "a [b] c", "f[1:2] :smile:"])
def test_brackets_in_an_error_are_printed_as_they_are(capsys, text):
    print_error(ConfigError(text))
    assert capsys.readouterr().err == f"error: {text}\n"
