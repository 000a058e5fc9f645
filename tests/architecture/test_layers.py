"""Imports point downward only: the contracts of pyproject.toml hold."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from architecture.source import PACKAGE, ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def test_every_import_contract_is_kept() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"\n{result.stdout}\n{result.stderr}"


@pytest.mark.parametrize("kind", ["layers", "independence", "acyclic_siblings", "forbidden"])
def test_a_contract_of_each_kind_is_written_down(kind: str) -> None:
    assert kind in {contract["type"] for contract in SETTINGS["contracts"]}


def test_every_floor_of_the_package_stands_in_the_layers() -> None:
    (layers,) = [one for one in SETTINGS["contracts"] if one["type"] == "layers"]
    written = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert written == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert layers["exhaustive"], "a new floor must find its place"
