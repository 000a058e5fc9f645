"""What must start fast, or run without the training extra, imports neither torch nor matplotlib."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "torchvision",
    "lightning",
    "timm",
    "matplotlib",
    "pandas",
    "sklearn",
    "scipy",
    "requests",
}

STATEMENTS = [
    "import oscine",
    "import oscine; oscine.load, oscine.Recogniser",
    "import oscine.audio",
    "import oscine.catalog",
    "import oscine.evaluate",
    "import oscine.features",
    "import oscine.infer",
    "import oscine.model",
    "import oscine.pipeline",
    "import oscine.synth",
]

COMMANDS = [
    "--help",
    "run --help",
    "scan --help",
    "download --help",
    "recipe list",
    "recipe show demo",
]


def loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter; give the packages that it loaded."""
    tail = "\nimport json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code + tail], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in json.loads(result.stdout.splitlines()[-1])}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_import_stays_light(statement: str) -> None:
    assert not loaded_by(statement) & HEAVY


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stays_light(command: str) -> None:
    words = ["oscine", *command.split()]
    code = (
        "import sys\nfrom oscine.cli.main import main\n"
        f"sys.argv = {words!r}\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )
    assert not loaded_by(code) & HEAVY


def test_remote_files_cost_nothing_until_there_is_a_url() -> None:
    assert not loaded_by("import oscine.core, oscine.cli.main") & {"fsspec", "upath", "aiohttp"}


def test_import_oscine_alone_loads_no_third_party_package() -> None:
    third_party = {
        "numpy",
        "polars",
        "pydantic",
        "onnxruntime",
        "typer",
        "rich",
        "yaml",
        "upath",
        "fsspec",
    }
    assert not loaded_by("import oscine") & third_party
