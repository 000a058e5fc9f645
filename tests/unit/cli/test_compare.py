from __future__ import annotations

import json

import typer
from typer.testing import CliRunner

from oscine.cli.compare import compare
from unit.report.run_folder import write_run
from unit.report.test_comparison import weaker


def test_the_command_prints_a_table_a_sentence_a_run_and_where_the_page_is(tmp_path):
    first = write_run(tmp_path / "first", without=["audio", "scan"])
    other = weaker(first, tmp_path / "other")
    app = typer.Typer()
    app.command()(compare)
    asked = [str(first), str(other), "--out", str(tmp_path / "out"), "--draws", "50"]
    result = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert result.exit_code == 0
    assert "cmAP" in result.output
    assert "other is worse than first" in result.output
    assert result.output.strip().endswith(str(tmp_path / "out" / "index.html"))
    plain = CliRunner().invoke(app, [*asked, "--json"], catch_exceptions=False)
    assert json.loads(plain.output)["verdicts"]["other"]["cmap"] == "worse"
