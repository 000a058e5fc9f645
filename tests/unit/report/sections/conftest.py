"""Two runs that are compared, made once for a module's tests."""

from __future__ import annotations

import pytest

from oscine.report import compare
from unit.report.run_folder import write_run
from unit.report.test_comparison import weaker


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    home = tmp_path_factory.mktemp("compared")
    first = write_run(home / "first", without=["audio", "scan"])
    return first, weaker(first, home / "other")


@pytest.fixture(scope="module")
def comparison(runs):
    return compare(runs, n_draws=200)
