"""Several runs held against the first: paired differences on the clips that both scored.

Two runs that score the same clips are compared clip by clip, so that what makes a clip easy or hard
cancels out. With several runs against one, the intervals of the differences are widened for their
number (Bonferroni), so that one of twenty does not look better by chance alone.

Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap"; Dunn (1961), "Multiple
comparisons among means".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from oscine.core import ArtifactError
from oscine.evaluate import (
    BootstrapConfig,
    Interval,
    bootstrap_differences,
    bootstrap_intervals,
)
from oscine.report.blocks import DASH
from oscine.report.contenders import (
    Contender,
    Shared,
    class_changes,
    groups_of,
    name_runs,
    read_contender,
    share,
)

LEVEL = 0.95
"""Of the intervals of a run by itself, and of all differences of a metric together."""

Intervals = Mapping[str, Interval | None]
"""Metrics by name; None where one is undefined."""


@dataclass(frozen=True)
class Comparison:
    """Runs and what tells them apart.

    Args:
        contenders: Two or more; the first is what the others are held against.
        n_draws: Draws of the bootstrap.
        seed: Its seed.
    """

    contenders: Sequence[Contender]
    n_draws: int = 1000
    seed: int = 0

    @property
    def first(self) -> Contender:
        """What the others are held against."""
        return self.contenders[0]

    @property
    def others(self) -> Sequence[Contender]:
        """The runs that are held against the first."""
        return self.contenders[1:]

    @property
    def difference_level(self) -> float:
        """Level of one difference's interval, so that all hold together at `LEVEL`."""
        return 1.0 - (1.0 - LEVEL) / len(self.others)

    @cached_property
    def values(self) -> dict[str, Intervals]:
        """Each run's metrics on all clips that it scored, with intervals."""
        config = BootstrapConfig(n=self.n_draws, level=LEVEL)
        return {
            one.name: bootstrap_intervals(
                one.scored.targets(), one.scored.scores, groups_of(one), self.seed, config
            )
            for one in self.contenders
        }

    @cached_property
    def shared(self) -> dict[str, Shared]:
        """What each other run shares with the first."""
        return {one.name: share(self.first, one) for one in self.others}

    @cached_property
    def differences(self) -> dict[str, Intervals]:
        """Each other run's metrics less the first's, on the clips that both scored."""
        config = BootstrapConfig(n=self.n_draws, level=self.difference_level)
        return {
            name: bootstrap_differences(
                both.truth, (both.scores, both.first_scores), both.groups, self.seed, config
            )
            for name, both in self.shared.items()
        }

    @cached_property
    def by_class(self) -> dict[str, pl.DataFrame]:
        """Average precision class by class: species_code, n, first, other; by falling change."""
        return {name: class_changes(both) for name, both in self.shared.items()}

    @cached_property
    def settings(self) -> list[list[str]]:
        """Settings that the recipes do not share: the setting, then its value in each run."""
        flat = [_flatten(one.run.recipe) for one in self.contenders]
        names = sorted({name for settings in flat for name in settings})
        rows = [[name, *(settings.get(name, DASH) for settings in flat)] for name in names]
        return [row for row in rows if len(set(row[1:])) > 1]

    def to_plain(self) -> dict[str, Any]:
        """Give everything as JSON-ready data."""
        return {
            "first": self.first.name,
            "level": LEVEL,
            "difference_level": self.difference_level,
            "values": {name: _plain(found) for name, found in self.values.items()},
            "differences": {name: _plain(found) for name, found in self.differences.items()},
            "verdicts": {
                name: {metric: verdict(one) for metric, one in found.items()}
                for name, found in self.differences.items()
            },
            "n_shared": {name: len(both.truth) for name, both in self.shared.items()},
            "settings": self.settings,
        }


def compare(
    paths: Sequence[Path], stage: str | None = None, n_draws: int = 1000, seed: int = 0
) -> Comparison:
    """Read runs that shall be compared.

    Args:
        paths: Run folders, two or more; the first is what the others are held against.
        stage: finetune, baseline or naive; None: the fine-tuned model, else the one without
            pretraining.
        n_draws: Draws of the bootstrap.
        seed: Its seed.

    Raises:
        ArtifactError: There is one run only, a folder is no run, a run scored nothing, or one
            shares no clip with the first.
    """
    if len(paths) < 2:
        raise ArtifactError("there is nothing to compare", fix="give two run folders or more")
    names = name_runs(paths)
    found = [read_contender(name, path, stage) for name, path in zip(names, paths, strict=True)]
    for other in found[1:]:
        if not len(share(found[0], other).truth):
            raise ArtifactError(
                f"no clip is scored here and in {paths[0]}",
                where=other.run.path,
                fix="compare runs of one target catalog",
            )
    return Comparison(found, n_draws, seed)


def verdict(difference: Interval | None) -> str:
    """Say what a difference is: better, worse, or not told apart; never more than it allows.

    Example:
        >>> verdict(Interval(0.02, 0.01, 0.03)), verdict(Interval(0.02, -0.01, 0.05))
        ('better', 'not told apart')
    """
    if difference is None:
        return "undefined"
    if difference.low is None or difference.high is None:
        return "too few groups"
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "not told apart"


def _flatten(settings: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Name each setting by its path; an item of a list that has a name goes by it."""
    flat: dict[str, str] = {}
    for key, given in settings.items():
        name, value = f"{above}{key}", given
        if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
            value = {one.get("name", str(place)): one for place, one in enumerate(given)}
        if isinstance(value, dict):
            flat |= _flatten(value, f"{name}.")
        else:
            flat[name] = "null" if value is None else str(value)
    return flat


def _plain(found: Intervals) -> dict[str, Any]:
    return {name: one and one.to_plain() for name, one in found.items()}
