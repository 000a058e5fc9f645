"""The generated parts of docs/results.md, from the folders of finished runs.

Two things are told of each value, and they are different. The interval says how much the mean of
the seeds depends on the clips that were scored: groups of clips are resampled, the same ones for
all seeds and for both sides of a difference. `±` says how much one seed differs from another
(standard deviation): a seed deals the folds, the first weights and every draw anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import ArtifactError, read_json, write_text
from oscine.evaluate import (
    BootstrapConfig,
    Interval,
    bootstrap_differences,
    bootstrap_intervals,
    evaluate_scores,
)
from oscine.report.comparison import LEVEL, verdict
from oscine.report.contenders import Contender, Member, read_member
from oscine.report.shared import share

METRICS = {"cmap": "cmAP", "macro_roc_auc": "macro ROC-AUC", "accuracy": "accuracy"}

Trials = Mapping[str, tuple[str, str]]
"""Rows of a table: the run and the stage of it that each tells of; the first is held against."""

STARTS: Trials = {
    "random": ("random", "baseline"),
    "random, then pretrained": ("random", "finetune"),
    "ImageNet": ("imagenet", "baseline"),
    "ImageNet, then pretrained": ("imagenet", "finetune"),
}
GAINS = {
    "pretraining, from random weights": ("random, then pretrained", "random"),
    "pretraining, from ImageNet's": ("ImageNet, then pretrained", "ImageNet"),
    "ImageNet's weights, without pretraining": ("ImageNet", "random"),
    "ImageNet's weights, with pretraining": (
        "ImageNet, then pretrained",
        "random, then pretrained",
    ),
}
ALONE: Trials = {
    "plain": ("imagenet", "baseline"),
    "upsampling": ("upsampling", "finetune"),
    "SpecAug": ("specaug", "finetune"),
    "mixup": ("mixup", "finetune"),
    "label smoothing": ("smoothing", "finetune"),
}
SECONDARY: Trials = {
    "ignored": ("duets-ignore", "finetune"),
    "masked": ("duets-mask", "finetune"),
    "positive": ("duets-positive", "finetune"),
}

Values = dict[str, float | None]


@dataclass(frozen=True)
class Fits:
    """One setting, fitted with several seeds.

    Args:
        truth: What is to be found, [n_rows, n_classes].
        scores: What each fit said, [n_seeds, n_rows, n_classes].
        groups: What each row is resampled with, [n_rows].
    """

    truth: NDArray[np.bool_]
    scores: NDArray[np.float64]
    groups: Sequence[Any]

    def by_seed(self) -> list[Values]:
        """Take each seed's metrics."""
        return [evaluate_scores(self.truth, scores) for scores in self.scores]

    def cells(self, n_draws: int) -> list[str]:
        """Write the mean of the seeds, its interval and their spread, metric by metric."""
        config = BootstrapConfig(n=n_draws, level=LEVEL)
        found = bootstrap_intervals(self.truth, self.scores, self.groups, 0, config)
        rows = self.by_seed()
        return [cell(found[name], [row[name] for row in rows], ".3f") for name in METRICS]

    def changes(self, other: Fits, n_draws: int, n_tried: int = 1) -> list[str]:
        """Write what this setting adds to another, and what may be said of cmAP.

        Args:
            other: The other setting.
            n_draws: Draws of the bootstrap.
            n_tried: How many settings are held against it: intervals are widened for their number.
        """
        config = BootstrapConfig(n=n_draws, level=1.0 - (1.0 - LEVEL) / n_tried)
        found = bootstrap_differences(
            self.truth, (self.scores, other.scores), self.groups, 0, config
        )
        rows = list(zip(self.by_seed(), other.by_seed(), strict=True))
        told = [
            cell(found[name], [_minus(one[name], two[name]) for one, two in rows], "+.3f")
            for name in METRICS
        ]
        return [*told, verdict(found["cmap"])]


def finished_seeds(runs: Path, trials: Trials) -> list[int]:
    """List the seeds with which all runs of a table are finished.

    Raises:
        ArtifactError: There is none.
    """
    names = {run for run, _ in trials.values()}
    done = [path.parents[1].name for path in runs.glob("*/evaluate/metrics.json")]
    seeds = [
        {int(seed) for run, _, seed in (one.rpartition("-") for one in done) if run == name}
        for name in names
    ]
    if not (both := set.intersection(*seeds)):
        fix = "python scripts/results.py runs WEIGHTS"
        raise ArtifactError(f"no seed has all of {', '.join(sorted(names))}", where=runs, fix=fix)
    return sorted(both)


def read_fits(
    runs: Path, trials: Trials, targets: Callable[[Member], NDArray[np.bool_]] | None = None
) -> dict[str, Fits]:
    """Read all runs of a table, their rows in one order.

    Args:
        runs: Holds a folder for each run and seed, such as `random-0`.
        trials: Which runs.
        targets: The truth of the first run's rows; None: the primary label.

    Raises:
        ArtifactError: A run is missing, or did not score the same clips.
    """
    seeds = finished_seeds(runs, trials)
    read = {
        row: [Contender(row, [read_member(runs / f"{run}-{seed}", stage)]) for seed in seeds]
        for row, (run, stage) in trials.items()
    }
    first = next(iter(read.values()))[0]
    truth = (targets or (lambda one: one.scored.targets()))(first.members[0])
    found = {}
    for row, contenders in read.items():
        fits = [share(first, one).other[0] for one in contenders]
        if any(fit.scores.shape != truth.shape for fit in fits):
            raise ArtifactError(
                f"not the {len(truth)} clips that {first.run.path.name} scored",
                where=contenders[0].run.path,
                fix="make the runs anew",
            )
        found[row] = Fits(truth, np.stack([fit.scores for fit in fits]), fits[0].groups)
    return found


def all_heard(one: Member) -> NDArray[np.bool_]:
    """Give the truth with secondary labels: all that is heard, [n_rows, n_classes]."""
    behind = one.scored.table["secondary_labels"].to_list()
    return one.scored.targets() | np.array(
        [[code in labels for code in one.scored.codes] for labels in behind]
    )


def cell(found: Interval | None, seeds: Sequence[float | None], form: str) -> str:
    """Write a mean over seeds, its interval, and the seeds' spread.

    Example:
        >>> cell(Interval(0.5, 0.4, 0.6), [0.4, 0.6], ".2f")
        '0.50 (0.40 to 0.60) ± 0.14'
    """
    if found is None:
        return "undefined"
    text = format(found.value, form)
    if found.low is not None and found.high is not None:
        text += f" ({found.low:{form}} to {found.high:{form}})"
    known = [value for value in seeds if value is not None]
    return text if len(known) < 2 else f"{text} ± {np.std(known, ddof=1):{form.lstrip('+')}}"


def starts(runs: Path, n_draws: int) -> str:
    """Write what each kind of initial weights came to."""
    fits = read_fits(runs, STARTS)
    rows = [
        [row, *one.cells(n_draws), ", ".join(f"{seed['cmap']:.3f}" for seed in one.by_seed())]
        for row, one in fits.items()
    ]
    seeds = ", ".join(map(str, finished_seeds(runs, STARTS)))
    return table(["initial weights", *METRICS.values(), f"cmAP of seeds {seeds}"], rows)


def gains(runs: Path, n_draws: int) -> str:
    """Write what pretraining and ImageNet's weights add."""
    fits = read_fits(runs, STARTS)
    rows = [[row, *fits[one].changes(fits[two], n_draws)] for row, (one, two) in GAINS.items()]
    return table(["what is added", *METRICS.values(), "cmAP is"], rows)


def alone(runs: Path, n_draws: int) -> str:
    """Write what each setting adds to plain fine-tuning."""
    return _held_against_first(read_fits(runs, ALONE), n_draws)


def secondary(runs: Path, n_draws: int) -> str:
    """Write what secondary labels add where they are ignored, for the main voice."""
    return _held_against_first(read_fits(runs, SECONDARY), n_draws)


def secondary_all(runs: Path, n_draws: int) -> str:
    """Write the same for all that is heard."""
    return _held_against_first(read_fits(runs, SECONDARY, all_heard), n_draws)


def _held_against_first(fits: Mapping[str, Fits], n_draws: int) -> str:
    (name, first), *others = fits.items()
    rows = [[name, *first.cells(n_draws), ""]]
    rows += [[row, *one.changes(first, n_draws, len(others))] for row, one in others]
    return table(["", *METRICS.values(), "cmAP is"], rows)


def account(runs: Path, n_draws: int) -> str:
    """Say what was run, on what, and how long it took."""
    folders = sorted(path.parents[1] for path in runs.glob("*/evaluate/metrics.json"))
    facts = [read_json(folder / "run.json") for folder in folders]
    fits = [row for one in facts for row in one["stages"] if "/" in row["stage"]]
    hours = sum(row["seconds"] for row in fits) / 3600
    hardware, versions = facts[0]["hardware"], facts[0]["versions"]
    commits = {_commit(one["git"]) for one in facts}
    packages = ", ".join(f"{name} {versions[name]}" for name in ("oscine", "torch"))
    return (
        f"{len(facts)} runs, {len(fits)} fits, {hours:.1f} hours of fitting on a "
        f"{hardware['cores']}-core machine ({hardware['cpu']}); {packages}; "
        f"commit {', '.join(sorted(commits))}; intervals of {n_draws:,} draws."
    )


def _commit(git: Mapping[str, Any] | None) -> str:
    if git is None:
        return "unknown"
    return f"{git['commit'][:7]}{' with uncommitted changes' if git['dirty'] else ''}"


PARTS: Mapping[str, Callable[[Path, int], str]] = {
    "starts": starts,
    "gains": gains,
    "alone": alone,
    "secondary": secondary,
    "secondary-all": secondary_all,
    "account": account,
}


def write_page(runs: Path, page: Path, n_draws: int = 1000) -> None:
    """Write anew what stands between the marks of each generated part of a page.

    Args:
        runs: Folder of the runs.
        page: Has `<!-- made by scripts/results.py: NAME -->` and `<!-- end of NAME -->` lines.
        n_draws: Draws of the bootstrap.

    Raises:
        ArtifactError: A part's runs are missing, or the page asks for an unknown part.
    """

    def made(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in PARTS:
            raise ArtifactError(f"no part {name!r}", where=page, fix=f"choose from {list(PARTS)}")
        return f"{found['head']}\n{PARTS[name](runs, n_draws)}\n{found['foot']}"

    mark = re.compile(
        r"(?P<head><!-- made by scripts/results\.py: (?P<name>[\w-]+) -->)\n.*?"
        r"(?P<foot><!-- end of (?P=name) -->)",
        flags=re.DOTALL,
    )
    write_text(page, mark.sub(made, page.read_text(encoding="utf-8")))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
