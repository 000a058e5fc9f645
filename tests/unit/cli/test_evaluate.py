from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from oscine.cli.evaluate import annotations_of, evaluate, is_scan
from oscine.core import ConfigError, ScanError
from synthetic import make_annotated_scan


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return make_annotated_scan(tmp_path_factory.mktemp("annotated"))


def call(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(evaluate)
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def test_a_scan_is_held_against_annotations(made: tuple[Path, Path, Path]) -> None:
    bundle, scan, annotations = made
    result = call(scan, annotations, "--bundle", bundle, "--draws", 20)
    assert result.exit_code == 0
    assert result.output.startswith("72 windows of 6 recordings")
    assert "Macro ROC-AUC" in result.output
    assert "1 class could not be scored" in result.output
    page = scan / "evaluation" / "index.html"
    assert result.output.strip().endswith(str(page))
    assert page.is_file()
    assert (page.parent / "per_class.parquet").is_file()


def test_json_is_what_the_folder_keeps(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, scan, annotations = made
    result = call(
        scan, annotations, "--out", tmp_path / "out", "--draws", 20, "--min-overlap", 0.5, "--json"
    )
    told = json.loads(result.output)
    assert told == json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert told["settings"]["min_overlap_s"] == 0.5
    assert told["settings"]["bootstrap"]["n"] == 20


def test_labels_without_a_class_are_named(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, scan, annotations = made
    other = tmp_path / "labels.csv"
    other.write_text(annotations.read_text() + "9.wav,0,5,SP\n")
    said = call(scan, other, "--out", tmp_path / "out", "--draws", 5).output
    assert "labels without a class: SP (1)" in said
    assert "annotated, not scanned: 9.wav" in said


def test_a_folder_or_its_scores_are_a_scan_and_all_else_is_a_recipe(
    made: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    _, scan, annotations = made
    assert is_scan(scan)
    assert is_scan(scan / "scores.parquet")
    assert not is_scan(annotations)
    assert not is_scan(Path("demo"))
    assert not is_scan(tmp_path / "recipe.yaml")


def test_a_recipe_that_is_none_is_looked_for_as_a_recipe() -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        call("nowhere")


def test_a_run_folder_is_no_scan_and_says_where_its_scan_is(
    made: tuple[Path, Path, Path],
) -> None:
    _, scan, _ = made
    with pytest.raises(ScanError, match=f"its scan is {scan}"):
        is_scan(scan.parent)


def test_another_folder_is_no_scan(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="is no scan"):
        is_scan(tmp_path)


@pytest.mark.parametrize("rest", [None, [], ["a.csv", "b.csv"]])
def test_a_scan_needs_one_place_of_annotations(rest: list[str] | None) -> None:
    with pytest.raises(ScanError, match=r"SCAN ANNOTATIONS"):
        annotations_of("scan", rest)
