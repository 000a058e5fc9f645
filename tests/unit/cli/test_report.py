from __future__ import annotations

import typer
from typer.testing import CliRunner

from oscine.cli.report import report
from unit.report.run_folder import write_run


def test_the_command_prints_where_the_page_is(tmp_path):
    parts = ("catalog", "audit", "folds", "fits", "evaluate", "bundle", "scan", "audio")
    run = write_run(tmp_path / "run", without=parts)
    app = typer.Typer()
    app.command()(report)
    result = CliRunner().invoke(app, [str(run)], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.output.strip() == str(run / "report" / "index.html")
