"""Modules and functions stay small enough to be read at one sitting.

The design aims at 250 lines a module and 40 a function; these tests leave some room above the aim,
so that a module on its way to being parted does not stop other work.
"""

from __future__ import annotations

import ast

import pytest

from architecture.source import Function, functions, module_paths, text

MODULE_AIM, MODULE_LIMIT = 250, 300
FUNCTION_AIM, FUNCTION_LIMIT = 40, 60
PARAMETER_LIMIT = 6


def n_lines(function: Function) -> int:
    """Count the lines of a function without those of its docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return total
    words = function.body[0]
    return total - ((words.end_lineno or words.lineno) - words.lineno + 1)


@pytest.mark.parametrize("path", module_paths())
def test_a_module_is_short(path: str) -> None:
    n = len(text(path).splitlines())
    assert n <= MODULE_LIMIT, f"{n} lines; the aim is {MODULE_AIM}: part it by what it does"


@pytest.mark.parametrize("path", module_paths())
def test_its_functions_are_short(path: str) -> None:
    long = {one.name: n for one in functions(path) if (n := n_lines(one)) > FUNCTION_LIMIT}
    assert not long, f"more than {FUNCTION_LIMIT} lines; the aim is {FUNCTION_AIM}"


@pytest.mark.parametrize("path", [path for path in module_paths() if not path.startswith("cli/")])
def test_its_functions_take_few_parameters_by_place(path: str) -> None:
    # Keyword-only ones are named at the call; a command's parameters are its options.
    many = {
        one.name: n
        for one in functions(path)
        if (n := len([arg for arg in one.args.args if arg.arg not in {"self", "cls"}]))
        > PARAMETER_LIMIT
    }
    assert not many
