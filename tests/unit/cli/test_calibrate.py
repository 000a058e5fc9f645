from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from oscine.cli.calibrate import calibrate
from oscine.core import BundleError
from oscine.model.bundle import read_bundle
from synthetic import make_annotated_scan


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path, Path]:
    return make_annotated_scan(tmp_path)


def call(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(calibrate)
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def test_a_new_bundle_stands_beside_the_old_one(made: tuple[Path, Path, Path]) -> None:
    result = call(*made, "--precision", 0.75)
    assert result.exit_code == 0
    new = made[0].with_name("bundle-calibrated")
    assert result.output.strip().endswith(str(new))
    assert "thresholds of precision 0.75 for 2 of 3 classes" in result.output
    assert set(read_bundle(new).info.thresholds) == {"spec0", "spec1"}
    assert read_bundle(made[0]).info.thresholds == {}


def test_a_second_time_the_first_result_is_kept(made: tuple[Path, Path, Path]) -> None:
    call(*made)
    with pytest.raises(BundleError, match="there already"):
        call(*made)


def test_best_f1_and_a_minimum_may_be_asked_for(made: tuple[Path, Path, Path]) -> None:
    told = json.loads(call(*made, "--best-f1", "--min-positives", 1000, "--json").output)
    assert told["settings"]["precision"] is None
    assert told["calibration_source"]["rule"] == "best F1"
    assert told["thresholds"] == {}
    assert {one["method"] for one in told["calibration"].values()} == {"platt"}
