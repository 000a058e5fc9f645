"""What is compared: a model of a run, or several that differ in their seed alone."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import ArtifactError
from oscine.report.out_of_fold import OutOfFold, read_scores
from oscine.report.run import STAGES, Run

TARGET_STAGES = tuple(stage for stage in STAGES if stage != "pretrain")
"""Fits that score the clips of the target."""

MAY_DIFFER = {
    *("seed", "name", "comment", "verbose", "tracking", "scan", "baseline", "compare_naive"),
    *("audio.workers", "audio.cache_folder", "audio.cache_budget_gb"),
    *("pretrain.checkpoint_every_s", "finetune.checkpoint_every_s", "evaluation"),
}
"""Settings in which runs of one contender may differ: the seed, and what no score depends on."""

MAY_NOT = {"evaluation.tta"}
"""Settings below these that scores do depend on."""


@dataclass(frozen=True)
class Member:
    """A model of a run.

    Args:
        run: The run's folder.
        stage: finetune, baseline or naive.
        scored: Its out-of-fold scores.
    """

    run: Run
    stage: str
    scored: OutOfFold

    @property
    def seed(self) -> int | None:
        """Seed of the run; None where the recipe is absent."""
        return self.run.recipe.get("seed")

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The group of the folds that each recording is in."""
        folds = self.run.table("folds/target.parquet")
        return {} if folds is None else dict(folds.select("recording_id", "group").rows())


@dataclass(frozen=True)
class Contender:
    """What is compared: one model, or several that differ in their seed alone.

    Args:
        name: What it is called beside the others.
        members: Its models, by rising seed.
    """

    name: str
    members: Sequence[Member]

    @property
    def run(self) -> Run:
        """The run of the first seed, for what all have in common."""
        return self.members[0].run

    @property
    def stage(self) -> str:
        """Which fit of the runs."""
        return self.members[0].stage

    @property
    def seeds(self) -> list[int | None]:
        """The seed of each model."""
        return [one.seed for one in self.members]

    @property
    def recordings(self) -> set[str]:
        """The recordings that any of the models scored."""
        return {one for member in self.members for one in member.scored.table["recording_id"]}

    @property
    def codes(self) -> list[str]:
        """Classes that all models know, in the order of the first one's scores."""
        known = set.intersection(*(set(one.scored.codes) for one in self.members))
        return [code for code in self.members[0].scored.codes if code in known]


def read_member(asked: str | Path, stage: str | None = None) -> Member:
    """Read one model.

    Args:
        asked: A run folder, or `RUN:STAGE`.
        stage: The stage where none is said; None: the fine-tuned model, else the baseline.

    Raises:
        ArtifactError: This is no run folder, or nothing of that stage was scored.
    """
    path, said = _part(str(asked))
    stage = said or stage
    run = Run(path)
    _ = run.facts  # asked first, so that a folder that is no run is named as such
    for one in [stage] if stage else ["finetune", "baseline"]:
        scored = read_scores(run, one)
        if scored is not None:
            return Member(run, one, scored)
    has = [one for one in TARGET_STAGES if not run.out_of_fold(one).is_empty()]
    fix = f"it has {', '.join(has)}: say {path}:{has[0]}" if has else "run it as far as `evaluate`"
    raise ArtifactError(
        f"there are no out-of-fold scores of {stage or 'the target'}", where=path, fix=fix
    )


def _part(asked: str) -> tuple[Path, str | None]:
    """Part `RUN:STAGE`; a folder whose name ends so is taken as it is."""
    path, colon, stage = asked.rpartition(":")
    if not colon or Path(asked).exists():
        return Path(asked), None
    if stage in TARGET_STAGES:
        return Path(path), stage
    if Path(path).exists():
        raise ArtifactError(
            f"there is no stage {stage!r} to compare",
            where=path,
            fix=f"say {' or '.join(f'{path}:{one}' for one in TARGET_STAGES)}",
        )
    return Path(asked), None


def make_contenders(members: Sequence[Member], group_seeds: bool) -> list[Contender]:
    """Put models that differ in their seed alone together, in the order of their first.

    Models of one recipe and one seed are something else than seeds - a repetition, or other code -
    and so all models of that recipe stay by themselves.

    Args:
        members: The models.
        group_seeds: Whether to; False: each is a contender.

    Raises:
        ArtifactError: A model is given twice.
    """
    names = name_members(members)
    kinds: dict[str, list[int]] = {}
    for place, one in enumerate(members):
        kinds.setdefault(_kind(one) if group_seeds else str(place), []).append(place)
    found: dict[int, Contender] = {}
    for places in kinds.values():
        if len({members[place].seed for place in places}) < len(places):
            found |= {place: Contender(names[place], [members[place]]) for place in places}
            continue
        ordered = sorted(places, key=lambda place: members[place].seed or 0)
        own = [names[place] for place in ordered]
        taken = {*names, *(one.name for one in found.values())}
        together = own[0] if len(own) == 1 else _name_together(own, taken)
        found[places[0]] = Contender(together, [members[place] for place in ordered])
    return [found[place] for place in sorted(found)]


def name_members(members: Sequence[Member]) -> list[str]:
    """Call each by its folder, with as many parents as tell it from others, and stage if needed.

    Raises:
        ArtifactError: A model is given twice.
    """
    keys = [(one.run.path.resolve(), one.stage) for one in members]
    twice = [key for key, n in Counter(keys).items() if n > 1]
    if twice:
        path, stage = twice[0]
        raise ArtifactError(f"{stage} of a run is given twice", where=path, fix="name others")
    folders = name_folders(path for path, _ in keys)
    several = {path for path, n in Counter(path for path, _ in keys).items() if n > 1}
    return [folders[path] + (f":{stage}" if path in several else "") for path, stage in keys]


def name_folders(paths: Iterable[Path]) -> dict[Path, str]:
    """Name different folders by their ends, as long as it takes to tell them apart."""
    parts = {path: path.parts for path in paths}
    for depth in range(1, max(map(len, parts.values()))):
        names = {path: "/".join(one[-depth:]) for path, one in parts.items()}
        if len({*names.values()}) == len(names):
            return names
    return {path: str(path) for path in parts}


def _name_together(names: Sequence[str], taken: Collection[str]) -> str:
    """Name seeds by what their names begin with, or by all of them where that is no name."""
    folders = [name.partition(":")[0] for name in names]
    start = os.path.commonprefix(folders)  # noqa: RUF071 - letters are meant, no parts of paths
    start = start.rstrip("-_. /").removesuffix("seed").rstrip("-_. /")
    name = ":".join([start, *{one.partition(":")[2] for one in names if ":" in one}])
    return name if start and name not in taken else ", ".join(names)


def _kind(one: Member) -> str:
    """Write down what models of one contender share: settings, stage and version."""
    settings = flatten(one.run.recipe)
    kept = {
        name: value
        for name, value in settings.items()
        if name in MAY_NOT or not {name, name.partition(".")[0]} & MAY_DIFFER
    }
    version = (one.run.facts.get("versions") or {}).get("oscine")
    unknown = "" if settings else str(one.run.path)
    return json.dumps([kept, one.stage, version, unknown], sort_keys=True)


def flatten(settings: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Name each setting by its path; an item of a list that has a name goes by it."""
    flat: dict[str, str] = {}
    for key, given in settings.items():
        name, value = f"{above}{key}", given
        if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
            value = {one.get("name", str(place)): one for place, one in enumerate(given)}
        if isinstance(value, dict):
            flat |= flatten(value, f"{name}.")
        else:
            flat[name] = "null" if value is None else str(value)
    return flat


def group_names(members: Sequence[Member], ids: pl.Series) -> list[str]:
    """Give what each recording is resampled with: its group of the first run's folds, else itself.

    One name in all runs: a group that was drawn is drawn for all of them.
    """
    known: dict[str, str] = {}
    for one in reversed(members):
        known.update(one.groups)
    return [known.get(name, name) for name in ids]
