"""How each stage of a recipe stands in a run folder, before anything is run, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from oscine import __version__
from oscine.config import parse, read_yaml
from oscine.core import OscineError, read_json
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.plan import Stage
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.run import plan

Status = Literal["up to date", "resumes", "stale", "new"]

MOST_REASONS = 3
"""Changed settings that are named."""


@dataclass(frozen=True)
class Standing:
    """How one stage stands.

    Args:
        stage: The stage.
        status: up to date: it is skipped; resumes: it was begun with the same settings; stale: what
            it left is put aside and made again; new: it has left nothing yet.
        why: What makes it stale, or how far it has come; may be empty.
    """

    stage: Stage
    status: Status
    why: str = ""

    @property
    def runs(self) -> bool:
        """Whether the next run does something for it."""
        return self.status != "up to date"


def standings(folder: RunFolder) -> list[Standing]:
    """Tell how the stages stand, without running or writing anything.

    Args:
        folder: The run, not opened; its folder need not exist.

    Returns:
        The stages in order. A stage whose inputs are made by one that is still to run is told by
        what it left: its own fingerprint cannot be known yet.

    Raises:
        OscineError: A catalog or another file from outside cannot be looked at.
    """
    earlier = _earlier(folder.path)
    found: dict[str, Standing] = {}
    for stage in plan(folder.recipe):
        found[stage.name] = _standing(stage, folder, found, earlier.get(stage.name))
    return list(found.values())


def _standing(
    stage: Stage, folder: RunFolder, below: Mapping[str, Standing], earlier: Stage | None
) -> Standing:
    waits = [name for name in stage.needs if name not in folder.fingerprints]
    name = None if waits else _fingerprint(stage, folder, below)
    if name is not None:
        folder.fingerprints[stage.name] = name
    record = folder.path / "stages" / f"{stage.name.replace('/', '-')}.json"
    done, begun = _read(record), _read(record.with_suffix(".begun"))
    left = done or begun
    if left and left["fingerprint"] == name:
        if not done:
            return Standing(stage, "resumes")
        if not stage.intact(folder):
            return Standing(stage, "resumes", "some of what it left outside the run is gone")
        return Standing(stage, "up to date")
    if not left and not (folder.path / stage.output).exists():
        return Standing(stage, "new")
    return Standing(stage, "stale", _why(stage, folder, below, earlier))


def _fingerprint(stage: Stage, folder: RunFolder, below: Mapping[str, Standing]) -> str | None:
    """Give a stage's fingerprint; None where what it looks at is still to be made."""
    try:
        return stage.fingerprint(folder)
    except OscineError:
        if any(below[name].runs for name in stage.needs):
            return None
        raise


def _why(
    stage: Stage, folder: RunFolder, below: Mapping[str, Standing], earlier: Stage | None
) -> str:
    if changed := [name for name in stage.needs if below[name].status in {"stale", "new"}]:
        return f"it stands on {changed[0]}, which is made again"
    if earlier is not None:
        settings = list(_differences(earlier.settings, stage.settings))
        if settings:
            more = len(settings) - MOST_REASONS
            named = ", ".join(settings[:MOST_REASONS])
            return f"{named}, and {more} more" if more > 0 else named
    version = _read(folder.path / "run.json").get("versions", {}).get("oscine", __version__)
    if version != __version__:
        return f"oscine {version} made it, this is {__version__}"
    return "a file that it reads has changed, or it was made with other settings"


def _differences(old: Any, new: Any, key: str = "") -> Iterator[str]:
    """Name the settings that differ, and how."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            inner = f"{key}.{name}" if key else str(name)
            yield from _differences(old.get(name), new.get(name), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{key}.{place}")
    elif old != new:
        yield f"{key}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _earlier(path: Path) -> dict[str, Stage]:
    """Give the stages of the recipe that the folder was last run with; none if it has none."""
    file = path / "recipe.yaml"
    try:
        recipe = parse(Recipe, read_yaml(file), where=file)
    except OscineError:
        return {}
    return {stage.name: stage for stage in plan(recipe)}


def _read(path: Path) -> dict[str, Any]:
    return dict(read_json(path)) if path.exists() else {}
