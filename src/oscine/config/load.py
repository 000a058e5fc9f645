"""YAML plus `a.b=c` overrides -> a checked, frozen config; errors name the key and the choices."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from oscine.config.schema import Config
from oscine.core import ConfigError

C = TypeVar("C", bound=Config)


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, and reads 1e-3 as a number."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    own = [(key.value, key.start_mark.line + 1) for key, _ in node.value]
    for place, (name, line) in enumerate(own):
        if name in (earlier for earlier, _ in own[:place]):
            raise ConfigError(f"key {name!r} stands twice", where=f"line {line}", fix="keep one")
    loader.flatten_mapping(node)  # puts what `<<` merges before the mapping's own keys
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True)
        for key, value in node.value
    }


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises:
        ConfigError: The file is missing, is no YAML, or holds no mapping.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise ConfigError("no such recipe", where=path, fix="check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"this is no YAML: {error}", where=path) from error
    if not isinstance(data, dict):
        raise ConfigError("a recipe is one mapping of settings", where=path)
    return data


def dump_yaml(data: Mapping[str, Any]) -> str:
    """Write plain data as YAML, keys in the order given."""
    return str(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True))


def apply_overrides(data: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Set dotted keys, such as `model.backbone=resnet18` or `catalogs.0.path=/data`.

    Args:
        data: A recipe as plain data; it is not changed.
        overrides: Texts of the form `key.key=value`; the value is read as YAML.

    Returns:
        A changed copy.

    Raises:
        ConfigError: An override has no `=`, or goes through something that is no mapping.

    Example:
        >>> apply_overrides({"model": {"dropout": 0.0}}, ["model.dropout=0.2"])
        {'model': {'dropout': 0.2}}
    """
    result: Any = _copy(data)
    for text in overrides:
        dotted, equals, value = text.partition("=")
        if not equals or not dotted:
            raise ConfigError("an override has the form key.key=value", where=text)
        *parents, last = dotted.split(".")
        place = result
        for key in parents:
            place = _step(place, key, text)
        parsed = _number(_read_value(value, text), value)
        if isinstance(place, list):
            place[_index(place, last, text)] = parsed
        else:
            place[last] = parsed
    return dict(result)


def _read_value(value: str, text: str) -> Any:
    try:
        return yaml.load(value, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError("the value of an override is no YAML", where=text) from error


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _number(parsed: Any, text: str) -> Any:
    """YAML 1.1 reads 1e-3 as text; a person means the number."""
    if isinstance(parsed, str):
        try:
            return float(text)
        except ValueError:
            return parsed
    return parsed


def _step(place: Any, key: str, text: str) -> Any:
    if isinstance(place, list):
        return place[_index(place, key, text)]
    child = place.get(key)
    if child is None:
        child = place[key] = {}
    if not isinstance(child, (dict, list)):
        raise ConfigError(f"{key!r} is a value, not a group of settings", where=text)
    return child


def _index(place: list[Any], key: str, text: str) -> int:
    if not key.isdigit() or int(key) >= len(place):
        raise ConfigError(f"{key!r} is no place in a list of {len(place)}", where=text)
    return int(key)


def parse(kind: type[C], data: Mapping[str, Any], where: object = "recipe") -> C:
    """Check plain data against a config class.

    Args:
        kind: The config class.
        data: Settings as read from YAML.
        where: What to name in an error.

    Returns:
        The frozen config, defaults filled in.

    Raises:
        ConfigError: Some setting is unknown or has a bad value; all of them are listed, an unknown
            one with the nearest names.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problems = [_explain(kind, problem) for problem in error.errors()]
        raise ConfigError("\n  ".join(["bad settings:", *problems]), where=where) from error


def _explain(kind: type[BaseModel], problem: Any) -> str:
    location = [str(part) for part in problem["loc"]]
    key = ".".join(location)
    if problem["type"] == "extra_forbidden":
        choices = _names_at(kind, location[:-1])
        near = difflib.get_close_matches(location[-1], choices, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choices: {', '.join(choices)}"
        return f"{key}: unknown setting; {hint}"
    got = re.sub(r"//[^/@\s]*:[^/@\s]*@", "//...@", repr(problem["input"]))  # passwords of URLs
    return f"{key}: {problem['msg']} (got {got})"


def _names_at(kind: Any, location: list[str]) -> list[str]:
    """Find the setting names of the config that stands at a dotted place."""
    for part in location:
        fields = getattr(kind, "model_fields", {})
        annotation = fields[part].annotation if part in fields else kind
        kind = _first_config(annotation) or kind
    return list(getattr(kind, "model_fields", {}))


def _first_config(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _first_config(inner):
            return found
    return None
