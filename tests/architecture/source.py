"""The package's source as syntax trees, for tests that look at its form and import nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "oscine"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_paths() -> list[str]:
    """List every module, as a path relative to the package."""
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def text(path: str) -> str:
    """Read a module."""
    return (PACKAGE / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(text(path), filename=path)


def dotted(path: str) -> str:
    """Turn `core/units.py` into `oscine.core.units`."""
    return ".".join(["oscine", *Path(path).with_suffix("").parts]).removesuffix(".__init__")


def functions(path: str) -> Iterator[Function]:
    """Find every function and method of a module, nested ones too."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def classes(path: str) -> Iterator[ast.ClassDef]:
    """Find every class of a module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef))


def fields(node: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign, str | None]]:
    """Pair every annotated attribute of a class with the docstring that follows it, if one does."""
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.AnnAssign):
            following = node.body[place + 1 : place + 2]
            yield statement, next((words for item in following if (words := _words(item))), None)


def _words(statement: ast.stmt) -> str | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


@cache
def descendants(root: str) -> frozenset[str]:
    """Name every class that stands under a class, by the names in the source."""
    bases = {
        node.name: {name for base in node.bases if (name := _last_name(base))}
        for path in module_paths()
        for node in classes(path)
    }
    found = {root}
    while larger := {name for name, above in bases.items() if above & found} - found:
        found |= larger
    return frozenset(found - {root})


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
