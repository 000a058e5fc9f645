"""Every module has its test: src/oscine/LAYER/MODULE.py, tests/unit/LAYER/test_MODULE.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from architecture.source import PACKAGE, ROOT, module_paths

UNIT = ROOT / "tests" / "unit"

ELSEWHERE: dict[str, str] = {}
"""Modules whose tests stand elsewhere: path -> where, and why. Short, and best empty."""

MODULES = [path for path in module_paths() if Path(path).name != "__init__.py"]
TESTS = sorted(path.relative_to(UNIT).as_posix() for path in UNIT.rglob("test_*.py"))


def own_test(path: str) -> Path:
    """Tell where a module's test stands."""
    return UNIT / Path(path).with_name(f"test_{Path(path).name}")


@pytest.mark.parametrize("path", MODULES)
def test_a_module_has_its_test_file(path: str) -> None:
    assert own_test(path).is_file() or path in ELSEWHERE, f"write {own_test(path)}"


@pytest.mark.parametrize("test", TESTS)
def test_a_test_file_stands_beside_its_module(test: str) -> None:
    module = PACKAGE / Path(test).with_name(Path(test).name.removeprefix("test_"))
    is_package = (module.with_suffix("") / "__init__.py").is_file()
    assert module.is_file() or is_package, f"tests/unit/{test} has no module"


def test_every_exception_is_still_needed() -> None:
    needed = {path for path in MODULES if not own_test(path).is_file()}
    assert not ELSEWHERE.keys() - needed
