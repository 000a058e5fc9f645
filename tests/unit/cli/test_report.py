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


def test_figures_for_print_go_where_they_are_asked_for(tmp_path):
    parts = ("audit", "folds", "fits", "bundle", "scan", "audio", "examples")
    run = write_run(tmp_path / "run", without=parts)
    app = typer.Typer()
    app.command()(report)
    asked = [
        str(run),
        "--figures",
        str(tmp_path / "figures"),
        "--format",
        "pdf",
        "--width-mm",
        "89",
    ]
    result = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert result.exit_code == 0
    first = result.output.splitlines()[0]
    assert first == str(tmp_path / "figures" / "metrics.pdf")
    assert (tmp_path / "figures" / "metrics.pdf").stat().st_size
    assert not (run / "report").exists()
