"""House rules that neither ruff nor the type checker knows.

Words to avoid, no pickle, no setting without effect, plain `__init__`, no pins.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from architecture.source import (
    ROOT,
    Function,
    classes,
    descendants,
    dotted,
    fields,
    module_paths,
    tree,
)

PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}

AVOIDED = {
    "sample": "clip, window, waveform or recording",
    "chunk": "block, window or part",
    "track": "recording",
    "preds": "predictions or scores",
    "lbl": "label",
    "cls": "species or class list",
    "utils": "the name of what is in it",
    "helpers": "the name of what is in it",
    "common": "the name of what is in it",
    "base": "the name of what is shared",
    "manager": "the name of what it does",
}
"""The design's words to avoid, and what to say instead."""

ALLOWED = {
    "oscine.core.progress.track": "the verb of a progress bar; no audio track is meant",
    "sample_rate": "samples a second is the word of the field",
}
"""Names that hold such a word and stay: name -> reason."""


def words(name: str) -> set[str]:
    """Part a name into words.

    `make_trackList` has make, track, list.
    """
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)
    return {part.lower() for part in parts}


def public_names(path: str) -> list[str]:
    """List a module and its public functions, methods and classes, by dotted names."""
    module = dotted(path)
    found = [module]
    for node in tree(path).body:
        if isinstance(node, (Function, ast.ClassDef)) and not node.name.startswith("_"):
            found.append(f"{module}.{node.name}")
    for node in classes(path):
        methods = [one.name for one in node.body if isinstance(one, Function)]
        found += [f"{module}.{node.name}.{name}" for name in methods if not name.startswith("_")]
    return found


@pytest.mark.parametrize("path", module_paths())
def test_no_name_has_a_word_that_means_nothing_or_three_things(path: str) -> None:
    bad = {
        name: [f"say {AVOIDED[word]}" for word in found]
        for name in public_names(path)
        if (found := words(name.rpartition(".")[2]) & AVOIDED.keys())
        and name not in ALLOWED
        and name.rpartition(".")[2] not in ALLOWED
    }
    assert not bad


@pytest.mark.parametrize("path", module_paths())
def test_nothing_is_pickled(path: str) -> None:
    bad = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            bad += [one.name for one in node.names if one.name.partition(".")[0] in PICKLES]
        elif isinstance(node, ast.ImportFrom):
            bad += [str(node.module)] if str(node.module).partition(".")[0] in PICKLES else []
        elif isinstance(node, ast.Call):
            bad += _unsafe_call(node)
    assert not bad, "weights are safetensors, metadata JSON, tables Parquet"


def test_every_setting_is_read_somewhere() -> None:
    # By name alone, so it cannot see a setting that shares its name with one that is read.
    nodes = [node for path in module_paths() for node in ast.walk(tree(path))]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    read |= {node.value for node in nodes if isinstance(node, ast.Constant)}
    settings = {
        f"{node.name}.{name}": name
        for path in module_paths()
        for node in classes(path)
        if node.name in descendants("Config")
        for field, _ in fields(node)
        for name in [ast.unparse(field.target)]
    }
    assert not [setting for setting, name in settings.items() if name not in read]


def _unsafe_call(call: ast.Call) -> list[str]:
    name = ast.unparse(call.func)
    given = {one.arg: ast.unparse(one.value) for one in call.keywords}
    unsafe_load = name == "torch.load" and given.get("weights_only") != "True"
    pickled_array = given.get("allow_pickle") == "True"
    return [name] if name == "torch.save" or unsafe_load or pickled_array else []


@pytest.mark.parametrize(
    "path", [p for p in module_paths() if Path(p).name == "__init__.py" and p != "__init__.py"]
)
def test_an_init_only_re_exports(path: str) -> None:
    # The top one is the exception: it imports what scans only when it is asked for.
    docstring, *rest = tree(path).body
    assert isinstance(docstring, ast.Expr)
    others = [
        node
        for node in rest
        if not isinstance(node, (ast.ImportFrom, ast.Import))
        and not ast.unparse(node).startswith(("__all__ = ", "__all__: list[str] = "))
    ]
    assert not [ast.unparse(node) for node in others]


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIREMENTS = sorted(
    {*PROJECT["dependencies"], *(x for xs in PROJECT["optional-dependencies"].values() for x in xs)}
)


@pytest.mark.parametrize(
    "requirement", [one for one in REQUIREMENTS if not one.startswith("oscine[")]
)
def test_a_requirement_has_a_least_version_and_no_exact_one(requirement: str) -> None:
    assert ">=" in requirement
    assert not re.search(r"==|~=|<", requirement), (
        "a library does not pin: others must fit beside it"
    )
