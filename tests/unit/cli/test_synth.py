"""`oscine synth` writes a chorus and says what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from oscine.cli import synth as command
from oscine.core import ConfigError
from oscine.synth import SynthConfig, SynthReport


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(command.synth)
    return app


def test_seed_size_and_folder_reach_the_generator(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[SynthConfig, Path]] = []

    def fake(config: SynthConfig, out: Path) -> SynthReport:
        asked.append((config, out))
        return SynthReport("0123456789abcdef", 42, 25, 7, 1, 11, 6, 3, 2)

    monkeypatch.setattr("oscine.synth.render", fake)
    result = CliRunner().invoke(app, [str(tmp_path / "x"), "--seed", "7", "--size", "tiny"])
    assert result.exit_code == 0
    assert "n_target" in result.output
    ((config, out),) = asked
    assert (config.seed, config.n_species_pretrain, out) == (7, 5, tmp_path / "x")


def test_an_unknown_size_is_a_config_error(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "x"), "--size", "huge"])
    assert isinstance(result.exception, ConfigError)
