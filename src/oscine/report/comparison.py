"""Contenders held against the first: paired differences on the clips that both scored.

Models that score the same clips are compared clip by clip, so that what makes a clip easy or hard
cancels out; with the same seeds on both sides, seed by seed too. With several contenders against
one, the intervals of the differences are widened for their number (Bonferroni), so that one of
twenty does not look better by chance alone. They are not widened for the number of metrics.

Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap"; Dunn (1961), "Multiple
comparisons among means"; for several seeds those of `oscine.evaluate.seeds`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import stdev
from typing import Any

import numpy as np
import polars as pl

from oscine.core import ArtifactError
from oscine.evaluate import (
    BootstrapConfig,
    Fit,
    Interval,
    evaluate_scores,
    seeded_differences,
    seeded_intervals,
)
from oscine.report.blocks import DASH
from oscine.report.contenders import (
    Contender,
    flatten,
    group_names,
    make_contenders,
    read_member,
)
from oscine.report.shared import Shared, class_changes, share

LEVEL = 0.95
"""Of the intervals of a contender by itself, and of all differences of a metric together."""

FEWEST_BEYOND = 5
"""Draws that should lie beyond each bound of an interval, so that it hangs on more than one."""

Intervals = Mapping[str, Interval | None]
"""Metrics by name; None where one is undefined."""


@dataclass(frozen=True)
class Comparison:
    """Contenders and what tells them apart.

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
        """What is held against the first."""
        return self.contenders[1:]

    @property
    def difference_level(self) -> float:
        """Level of one difference's interval, so that all hold together at `LEVEL`."""
        return 1.0 - (1.0 - LEVEL) / len(self.others)

    @property
    def draws_wanted(self) -> int:
        """Draws that intervals of differences at their level want."""
        return int(np.ceil(2 * FEWEST_BEYOND / (1.0 - self.difference_level)))

    @cached_property
    def values(self) -> dict[str, Intervals]:
        """Each contender's metrics on all clips that it scored, with intervals."""
        config = BootstrapConfig(n=self.n_draws, level=LEVEL)
        return {
            one.name: seeded_intervals(own_fits(one), self.seed, config) for one in self.contenders
        }

    @cached_property
    def by_seed(self) -> dict[str, list[dict[str, float | None]]]:
        """The metrics of each model by itself, by contender."""
        return {
            one.name: [evaluate_scores(fit.targets, fit.scores) for fit in own_fits(one)]
            for one in self.contenders
        }

    @cached_property
    def shared(self) -> dict[str, Shared]:
        """What each other contender shares with the first."""
        return {one.name: share(self.first, one) for one in self.others}

    @cached_property
    def differences(self) -> dict[str, Intervals]:
        """Each other contender's metrics less the first's, on the clips that both scored."""
        config = BootstrapConfig(n=self.n_draws, level=self.difference_level)
        return {
            name: seeded_differences(both.first, both.other, both.paired, self.seed, config)
            for name, both in self.shared.items()
        }

    @cached_property
    def by_class(self) -> dict[str, pl.DataFrame]:
        """Average precision class by class: species_code, n, first, other; by falling change."""
        return {name: class_changes(both) for name, both in self.shared.items()}

    @cached_property
    def settings(self) -> list[list[str]]:
        """Settings that the recipes do not share: the setting, and its values in each contender."""
        flat = [[flatten(member.run.recipe) for member in one.members] for one in self.contenders]
        names = sorted({name for side in flat for settings in side for name in settings})
        rows = [[name, *(_said(name, side) for side in flat)] for name in names]
        return [row for row in rows if len(set(row[1:])) > 1]

    def to_plain(self) -> dict[str, Any]:
        """Give everything as JSON-ready data."""
        return {
            "first": self.first.name,
            "contenders": {
                one.name: [
                    {"run": str(member.run.path), "stage": member.stage, "seed": member.seed}
                    for member in one.members
                ]
                for one in self.contenders
            },
            "level": LEVEL,
            "difference_level": self.difference_level,
            "values": {name: _plain(found) for name, found in self.values.items()},
            "differences": {name: _plain(found) for name, found in self.differences.items()},
            "verdicts": {
                name: {metric: verdict(one) for metric, one in found.items()}
                for name, found in self.differences.items()
            },
            "by_seed": self.by_seed,
            "shared": {
                name: {
                    "clips": both.n_clips,
                    "classes": len(both.codes),
                    "seed_by_seed": both.paired,
                    "left_out": {
                        "clips_of_first": both.lost[0],
                        "clips_of_other": both.lost[1],
                        "of_another_label": both.relabelled,
                        "classes": list(both.other_classes),
                    },
                }
                for name, both in self.shared.items()
            },
            "settings": self.settings,
        }


def compare(
    runs: Sequence[str | Path],
    stage: str | None = None,
    n_draws: int = 1000,
    seed: int = 0,
    group_seeds: bool = True,
) -> Comparison:
    """Read runs that shall be compared.

    Args:
        runs: Run folders, or `RUN:STAGE`, two or more; the first is what the others are held
            against.
        stage: finetune, baseline or naive, for runs that name none; None: the fine-tuned model,
            else the one without pretraining.
        n_draws: Draws of the bootstrap.
        seed: Its seed.
        group_seeds: Whether runs that differ in their seed alone are one contender.

    Raises:
        ArtifactError: There is one contender only, a folder is no run, a run scored nothing, or one
            shares no class or no clip with the first.
    """
    if len(runs) < 2:
        raise ArtifactError("there is nothing to compare", fix="give two run folders or more")
    found = make_contenders([read_member(one, stage) for one in runs], group_seeds)
    if len(found) < 2:
        raise ArtifactError(
            "there is nothing to compare: these runs differ in their seed alone",
            where=found[0].run.path,
            fix="give others too, or --no-group-seeds to hold seed against seed",
        )
    comparison = Comparison(found, n_draws, seed)
    _ = comparison.shared  # found now, so that what cannot be compared is said before the work
    return comparison


def own_fits(one: Contender) -> list[Fit]:
    """Give each model of a contender with all the clips that it scored."""
    return [
        Fit(
            member.scored.targets(),
            member.scored.scores,
            group_names(one.members, member.scored.table["recording_id"]),
        )
        for member in one.members
    ]


def spread(values: Sequence[float | None]) -> float | None:
    """Take the standard deviation over seeds; None of one seed, or where one is undefined.

    Example:
        >>> spread([0.5]), round(spread([0.4, 0.5, 0.6]), 3)
        (None, 0.1)
    """
    known = [value for value in values if value is not None]
    return stdev(known) if len(known) == len(values) > 1 else None


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


def _said(name: str, side: Sequence[Mapping[str, str]]) -> str:
    """Give a setting's values in a contender's runs, each once."""
    return ", ".join(dict.fromkeys(settings.get(name, DASH) for settings in side))


def _plain(found: Intervals) -> dict[str, Any]:
    return {name: one and one.to_plain() for name, one in found.items()}
