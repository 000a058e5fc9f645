"""Every command, recipe and piece of Python in the documentation parses, those not run too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from docs.documents import (
    ROOT,
    Block,
    all_blocks,
    blocks,
    oscine_commands,
    pages,
    setting_exists,
)
from oscine.cli.main import app
from oscine.config import parse
from oscine.pipeline import Recipe

COMMANDS = list(oscine_commands())
OVERRIDES = [
    (where, word.partition("=")[0])
    for where, words in COMMANDS
    for word in words
    if re.match(r"[a-z_.0-9]+=", word)
]


def resolve_command(words: list[str]) -> tuple[Any, str, list[str]]:
    """Find the command that words name, and what is left for it."""
    command, name = typer.main.get_command(app), "oscine"
    while hasattr(command, "commands"):
        assert words, f"`{name}` needs a command"
        name, *words = words
        assert name in command.commands, f"there is no command {name!r}"
        command = command.commands[name]
    return command, name, words


@pytest.mark.parametrize(("where", "words"), COMMANDS, ids=[where for where, _ in COMMANDS])
def test_a_command_and_its_options_exist(where: str, words: list[str]) -> None:
    command, name, left = resolve_command(words)
    if "--help" not in left:
        command.make_context(name, left)


@pytest.mark.parametrize(("where", "key"), OVERRIDES, ids=[" ".join(pair) for pair in OVERRIDES])
def test_a_setting_on_the_command_line_exists(where: str, key: str) -> None:
    assert setting_exists(Recipe, key), f"{where}: {key}"


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=str)
def test_a_recipe_or_a_part_of_one_is_valid(block: Block) -> None:
    data = yaml.safe_load(block.text)
    target = {"name": "x", "source": "folder", "path": "x", "role": "target"}
    parse(Recipe, {"catalogs": [target], **data}, where=block)


@pytest.mark.parametrize("block", all_blocks("console"), ids=str)
def test_a_target_of_make_exists(block: Block) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    asked = [command.split()[1] for command, _ in block.commands() if command.startswith("make ")]
    assert set(asked) <= set(targets)


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda p: p.name)
def test_an_example_recipe_is_valid(path: Path) -> None:
    parse(Recipe, yaml.safe_load(path.read_text(encoding="utf-8")), where=path)


def test_what_is_not_run_is_little_and_says_what_the_tests_lack() -> None:
    found = [block for page in pages() for block in blocks(page) if block.not_run]
    assert not [str(one) for one in found if not re.match("(needs|takes) ", one.not_run or "")]
    shown = [block for page in pages() for block in blocks(page) if block.is_run]
    assert len(found) < len(shown)
    assert len(found) <= 40, "can the tests not do without the exception?"
