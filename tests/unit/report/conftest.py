"""A finished run and its report, made once for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from oscine.report import Run, build_catalog_report, build_report
from unit.report.run_folder import write_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Run:
    return Run(write_run(tmp_path_factory.mktemp("finished") / "run"))


@pytest.fixture(scope="session")
def page(finished) -> Path:
    return build_report(finished.path)


@pytest.fixture(scope="session")
def catalog_page(finished) -> Path:
    return build_catalog_report(finished.path)
