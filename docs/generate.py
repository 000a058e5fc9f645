"""Write docs/reference/{cli,recipe,tables}.md from the code itself: `make docs`.

The words come from where they are used: help texts of commands and options, docstrings under
settings, meanings in the column contracts. A test fails when a page is out of date.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import typer

from oscine.catalog import SOURCES, tables
from oscine.cli.main import app
from oscine.config import Config
from oscine.core import QUARANTINE, Reason, reason_words
from oscine.infer.tables import DETECTIONS, SCORES
from oscine.pipeline import Recipe, preset_names

FOLDER = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Made by docs/generate.py from the code: change the words there, then `make docs`. -->"

Rows = Sequence[Sequence[str]]


def table(heads: Sequence[str], rows: Rows) -> str:
    """Write a Markdown table."""
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def first_line(thing: object) -> str:
    """Give the summary of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


# --- the command line ---------------------------------------------------------------------------


def commands(group: Any = None, words: tuple[str, ...] = ("oscine",)) -> Iterator[tuple[str, Any]]:
    """Give every command with its full name, groups left out.

    Yields:
        Name such as `oscine recipe show`, and Typer's command.
    """
    group = typer.main.get_command(app) if group is None else group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def cli_page() -> str:
    """Write the page on the command line."""
    rows = [[f"[`{name}`](#{anchor(name)})", command.help] for name, command in commands()]
    parts = [
        f"{NOTE}\n\n# Commands",
        "One command reads the recipe, calls one function, and prints. A mistake is one line and "
        "exit status 2.",
        table(["command", "what it does"], rows),
    ]
    for name, command in commands():
        parts += [f"## {name}\n\n{command.help}", f"```text\n{usage(name, command)}\n```"]
        hints = typing.get_type_hints(command.callback)
        rows = [_parameter_row(one, hints.get(one.name, str)) for one in command.params]
        if rows:
            parts.append(table(["argument or option", "type", "default", "meaning"], rows))
    return "\n\n".join(parts) + "\n"


def usage(name: str, command: Any) -> str:
    """Write the line that shows how a command is typed."""
    words = [_argument_word(one) for one in command.params if one.param_type_name == "argument"]
    options = any(one.param_type_name == "option" for one in command.params)
    return " ".join([name, *words, *(["[OPTIONS]"] if options else [])])


def _argument_word(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    word = parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
    return word if parameter.required else f"[{word}]"


def _parameter_row(parameter: Any, hint: Any) -> list[str]:
    is_option = parameter.param_type_name == "option"
    name = ", ".join(parameter.opts) if is_option else _argument_word(parameter)
    default = parameter.default
    if parameter.required:
        shown = "required"
    else:
        shown = "" if default in (None, "", False) else f"`{default}`"
    kind = "flag" if hint is bool else _type_words(hint).removesuffix(" or null")
    return [f"`{name}`", kind, shown, parameter.help or ""]


def anchor(heading: str) -> str:
    """Give the link of a heading."""
    return heading.lower().replace(" ", "-")


# --- the recipe -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a group of settings stands in a recipe, with its defaults there (None: none)."""

    path: str
    kind: type[Config]
    instance: Config | None


def places(kind: type[Config] = Recipe, path: str = "", instance: Any = None) -> Iterator[Place]:
    """Walk through the groups of settings of a recipe, in its order."""
    yield Place(path, kind, instance)
    for name, field in kind.model_fields.items():
        inner = group_of(field.annotation)
        if inner is None:
            continue
        many = get_origin(field.annotation) is tuple
        below = None if many else getattr(instance, name, None)
        if below is None and not many and not field.is_required():
            below = field.get_default(call_default_factory=True)
        own = f"{name}.N" if many else name
        yield from places(inner, f"{path}.{own}".lstrip("."), below)


def group_of(annotation: Any) -> type[Config] | None:
    """Find the config class in a type, through `| None` and `tuple[..., ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return annotation
    found = (group_of(inner) for inner in get_args(annotation))
    return next((kind for kind in found if kind), None)


def recipe_page() -> str:
    """Write the page on every setting of a recipe."""
    groups: dict[type[Config], list[Place]] = {}
    for place in places():
        groups.setdefault(place.kind, []).append(place)
    parts = [
        f"{NOTE}\n\n# The recipe",
        "A recipe is one YAML file. A key that is not named here is an error, and the nearest "
        "names are given. On the command line `key.key=value` changes one setting, such as "
        "`model.backbone=resnet18` or `catalogs.0.path=/data/year`. Paths of catalogs, scans, "
        "lists and weights are relative to the recipe's folder, or [URLs](../howto/remote.md); "
        "presets and `audio.cache_folder` are relative to the folder where the command is run.",
        f"Presets: {', '.join(f'`{name}`' for name in preset_names())}.",
    ]
    for kind, where in groups.items():
        parts.append(_group(kind, where))
    rows = [[f"`{name}`", source.DESCRIPTION] for name, source in SOURCES.items()]
    parts += ["## Kinds of catalogs", table(["`source`", "what it reads"], rows)]
    return "\n\n".join(parts) + "\n"


def _group(kind: type[Config], where: list[Place]) -> str:
    paths = ", ".join(f"`{place.path}`" for place in where if place.path) or "Top level"
    rows = [
        [f"`{name}`", _setting_type(field), _defaults(name, field, where), meaning(kind, name)]
        for name, field in kind.model_fields.items()
    ]
    title = f'<a id="{kind.__name__.lower()}"></a>\n\n## {paths}'
    return f"{title}\n\n{first_line(kind)}\n\n" + table(["key", "type", "default", "meaning"], rows)


def meaning(kind: type[Config], name: str) -> str:
    """Give the words of a setting; a group without its own has those of its class."""
    field = kind.model_fields[name]
    inner = group_of(field.annotation)
    return field.description or (first_line(inner) if inner else "")


def _setting_type(field: Any) -> str:
    inner = group_of(field.annotation)
    # A setting that is a path is a `oscine.config.Place`.
    words = _type_words(field.annotation).replace("path", "path or URL")
    if inner is not None:
        return words
    return f"{words}{_range(field.metadata)}"


def _type_words(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return _type_words(inside[0]) + _range(inside[1:])
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inside)
    if origin in {Union, types.UnionType}:
        words = [_type_words(one) for one in inside if one is not type(None)]
        return " or ".join([*words, *(["null"] if type(None) in inside else [])])
    if origin is dict:
        return f"mapping of {_type_words(inside[0])} to {_type_words(inside[1])}"
    if origin in {tuple, list}:
        return f"list of {_type_words(inside[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return f"[group](#{annotation.__name__.lower()})"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "[reason code](tables.md#reason-codes)"
    return {
        bool: "true or false",
        int: "integer",
        float: "number",
        str: "text",
        Path: "path",
    }[annotation]


def _range(metadata: Sequence[Any]) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "min_length": "length >="}
    limits = [
        f"{sign} {getattr(one, name):g}"
        for name, sign in signs.items()
        for one in _flat(metadata)
        if getattr(one, name, None) is not None
    ]
    return f", {', '.join(limits)}" if limits else ""


def _flat(metadata: Sequence[Any]) -> Iterator[Any]:
    """Open the `Field(...)` of an annotated alias, such as `Probability`."""
    for one in metadata:
        yield from getattr(one, "metadata", None) or [one]


def _defaults(name: str, field: Any, where: list[Place]) -> str:
    if field.is_required():
        return "required"
    if group_of(field.annotation) is not None and get_origin(field.annotation) is not tuple:
        return ""
    usual = _shown(field.get_default(call_default_factory=True))
    others = [
        f"{value} in `{place.path}`"
        for place in where
        if place.instance is not None and (value := _shown(getattr(place.instance, name))) != usual
    ]
    return "; ".join([usual, *others])


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return f"`{ {None: 'null', True: 'true', False: 'false'}[value] }`"
    if isinstance(value, (tuple, list)):
        return f"`[{', '.join(str(one) for one in value)}]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value != "" else '`""`'


# --- tables and reason codes ----------------------------------------------------------------------

CONTRACTS: Mapping[str, tuple[str, Mapping[str, tables.Column]]] = {
    "recordings": ("One row a recording, or a clip of one.", tables.RECORDINGS),
    "departures": ("One row a recording that left, with a reason.", tables.DEPARTURES),
    "audit": ("One row a recording whose file was decoded.", tables.AUDIT),
    "findings": ("One row a defect that was found.", tables.FINDINGS),
    "matches": ("One row a pair of recordings that share audio.", tables.MATCHES),
    "clusters": ("One row a recording that shares audio with another.", tables.CLUSTERS),
    "speech": ("One row a stretch in which a person talks.", tables.SPEECH),
    "folds": ("One row a recording, with its group and fold.", tables.FOLDS),
    "licenses": ("One row a part, catalog and licence.", tables.LICENSES),
    "attribution": ("One row a recordist and licence.", tables.ATTRIBUTION),
    "scores": ("One row a window; a column a species code (Float32) follows.", SCORES),
    "detections": ("One row a score at or above the threshold.", DETECTIONS),
}


def tables_page() -> str:
    """Write the page on the columns of every table under contract, and on reason codes."""
    parts = [
        f"{NOTE}\n\n# Tables",
        "These Parquet tables are checked whenever they are written and read. Which file holds "
        "which table: [the run folder](../architecture.md#the-run-folder).",
    ]
    for name, (sentence, contract) in CONTRACTS.items():
        rows = [_column_row(*item) for item in contract.items()]
        heads = ["column", "type", "values", "meaning"]
        parts += [f"## {name}\n\n{sentence}", table(heads, rows)]
    rows = [
        [f"`{code}`", "yes" if Reason(code) in QUARANTINE else "", words]
        for code, words in reason_words().items()
    ]
    parts += ["## Reason codes", table(["code", "quarantined by the audit", "meaning"], rows)]
    return "\n\n".join(parts) + "\n"


def _column_row(name: str, column: tables.Column) -> list[str]:
    limits = [f"{column.low:g} or more"] if column.low is not None else []
    if column.low is not None and column.high is not None:
        limits = [f"{column.low:g} to {column.high:g}"]
    values = ", ".join([*(["never null"] if column.required else []), *limits])
    return [f"`{name}`", str(column.dtype), values, column.meaning]


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "recipe.md": recipe_page,
    "tables.md": tables_page,
}
"""Every generated page."""


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
