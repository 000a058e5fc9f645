"""What ruff's docstring rules do not see: the words behind settings and reason codes.

Ruff (D1) checks that every public module, class, function and method has a docstring. A setting's
docstring stands under it as a bare string; it becomes the setting's text in docs/reference.
"""

from __future__ import annotations

import ast
import tomllib

import pytest

from architecture.source import ROOT, classes, descendants, dotted, fields, module_paths, tree


def settings() -> list[tuple[str, str, str | None]]:
    """List every setting: its dotted name, its annotation and its docstring."""
    return [
        (f"{dotted(path)}.{node.name}.{ast.unparse(field.target)}", field.annotation, words)
        for path in module_paths()
        for node in classes(path)
        if node.name in descendants("Config")
        for field, words in fields(node)
    ]


SETTINGS = settings()


@pytest.mark.parametrize("path", module_paths())
def test_a_module_says_what_lives_in_it(path: str) -> None:
    assert ast.get_docstring(tree(path))


def test_ruff_checks_docstrings_of_the_rest() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "D" in ruff["select"]
    assert set(ruff["ignore"]) & {"D100", "D101", "D102", "D103", "D104"} == set()


@pytest.mark.parametrize(
    ("name", "annotation", "words"), SETTINGS, ids=[row[0] for row in SETTINGS]
)
def test_a_setting_has_words(name: str, annotation: ast.expr, words: str | None) -> None:
    groups = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    is_group = bool(groups & descendants("Config"))  # its class says what it is
    assert words or is_group, f"write a docstring under {name}"


@pytest.mark.parametrize(
    ("name", "annotation", "words"), SETTINGS, ids=[row[0] for row in SETTINGS]
)
def test_the_words_of_a_setting_are_a_sentence(
    name: str, annotation: ast.expr, words: str | None
) -> None:
    if words is not None:
        assert words.strip().endswith((".", "?")), name
        assert words == words.strip(), name


def test_every_reason_code_has_words() -> None:
    (reason,) = [node for node in classes("core/reasons.py") if node.name == "Reason"]
    statements = reason.body[1:]
    names = [node for node in statements if isinstance(node, ast.Assign)]
    said = [node for node in statements if isinstance(node, ast.Expr)]
    assert len(names) == len(said) > 0
