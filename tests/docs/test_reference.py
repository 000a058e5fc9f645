"""The reference is made from the code: it is up to date, and nothing in it lacks words."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pytest

from docs.documents import DOCS

SPEC = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
assert SPEC is not None
assert SPEC.loader is not None
generate: Any = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = generate  # dataclasses look their module up there
SPEC.loader.exec_module(generate)

COMMANDS = list(generate.commands())
PARAMETERS = [(name, one) for name, command in COMMANDS for one in command.params]
SETTINGS = sorted(
    {(place.kind, name) for place in generate.places() for name in place.kind.model_fields},
    key=lambda pair: (pair[0].__name__, pair[1]),
)


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    stored = (generate.FOLDER / name).read_text(encoding="utf-8")
    assert stored == generate.PAGES[name](), "run `make docs`"


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_a_command_has_words(name: str, command: Any) -> None:
    assert command.help


@pytest.mark.parametrize(
    ("name", "parameter"), PARAMETERS, ids=[f"{name} {one.name}" for name, one in PARAMETERS]
)
def test_an_option_has_words(name: str, parameter: Any) -> None:
    assert parameter.help


@pytest.mark.parametrize(
    ("kind", "setting"), SETTINGS, ids=[f"{kind.__name__}.{name}" for kind, name in SETTINGS]
)
def test_a_setting_has_words(kind: Any, setting: str) -> None:
    assert generate.meaning(kind, setting)
