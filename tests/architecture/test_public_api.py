"""The public names: what every package offers in `__all__`, against the list in public_api.txt.

A name that comes or goes is a decision; the diff of the list shows it. After one, write the list
again: `OSCINE_WRITE_PUBLIC_API=1 .venv/bin/python -m pytest tests/architecture/test_public_api.py`
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.source import dotted, module_paths

LIST = Path(__file__).with_name("public_api.txt")
PACKAGES = [dotted(path) for path in module_paths() if Path(path).name == "__init__.py"]


def kind(value: object) -> str:
    """Say what a public name stands for."""
    if inspect.ismodule(value):
        return "module"
    if inspect.isclass(value):
        return "class"
    return "function" if inspect.isroutine(value) else "constant"


def public_names() -> Iterator[str]:
    """Give a line for each public name of each package."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in sorted(getattr(module, "__all__", [])):
            yield f"{package}.{name} {kind(getattr(module, name))}"


def test_the_public_names_are_those_of_the_list() -> None:
    names = "".join(f"{line}\n" for line in public_names())
    if os.environ.get("OSCINE_WRITE_PUBLIC_API"):
        LIST.write_text(names, encoding="utf-8")
    assert LIST.read_text(encoding="utf-8") == names, __doc__


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_stands_twice(package: str) -> None:
    names = getattr(importlib.import_module(package), "__all__", [])
    assert len(names) == len(set(names))
