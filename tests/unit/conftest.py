"""One finished run of the tiny chorus, for all tests of the floors that know run folders."""

from __future__ import annotations

import pytest

from tiny_run import TinyRun, settle


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory) -> TinyRun:
    """A finished run; tests that change its folder copy it first."""
    made = settle(tmp_path_factory.mktemp("tiny"))
    made.run()
    return made
