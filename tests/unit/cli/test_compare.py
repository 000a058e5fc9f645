from __future__ import annotations

import json

import typer
from typer.testing import CliRunner

from oscine.cli.compare import compare
from unit.report.run_folder import write_run
from unit.report.test_comparison import of_seed, weaker


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


def test_stages_of_one_run_are_compared_and_seeds_can_stay_apart(tmp_path):
    first = write_run(tmp_path / "first", without=["audio", "scan"])
    other = of_seed(first, tmp_path / "other", 7)
    app = typer.Typer()
    app.command()(compare)
    asked = ["--out", str(tmp_path / "out"), "--draws", "20"]
    stages = [f"{first}:baseline", f"{first}:finetune", *asked]
    result = CliRunner().invoke(app, stages, catch_exceptions=False)
    assert "first:finetune is better than first:baseline" in result.output
    result = CliRunner().invoke(app, [str(first), str(other), "--no-group-seeds", *asked])
    assert result.exit_code == 0
    assert "One run each" in result.output
