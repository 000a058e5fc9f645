"""Intervals of fits that differ in their seed alone: what hangs on the clips and on the seeds.

Clips and seeds are crossed: other clips would give another value, and so would other seeds. Groups
of clips are drawn with replacement, for all fits alike. Seeds are too few to be drawn: the mean of
three, drawn with replacement, never leaves the range of the three, and of two equals held against
each other by three seeds one would look better a quarter of the time. Each draw therefore deviates
besides by the standard error of the mean over the seeds times a draw of Student's t, with as many
degrees of freedom as the seeds have. Where clips do not matter that is Student's own interval;
where seeds do not, it is the bootstrap's.

What clips and seeds do together is counted in both parts: intervals are rather too wide than too
narrow.

Source: Student (1908), "The probable error of a mean"; Owen (2007), "The pigeonhole bootstrap", for
crossed resampling and its mild excess; Bouthillier et al. (2021), "Accounting for variance in
machine learning benchmarks", for why seeds belong in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.core import generator, track
from oscine.evaluate.bootstrap import (
    BootstrapConfig,
    Interval,
    Values,
    draw_weights,
    interval_around,
)
from oscine.evaluate.metrics import METRICS, evaluate_table
from oscine.evaluate.ranking import Floats
from oscine.evaluate.score_table import ScoreTable

STRATUM = 64
"""Draws of Student's t of which the middle one is taken."""

Intervals = dict[str, Interval | None]
Samples = list[list[float]]
"""A metric by seed. Of several lists the means are added, and their seeds are not the same."""


@dataclass(frozen=True)
class Fit:
    """Scores of one fit.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, the same shape.
        groups: What each row belongs to, [n_rows]; a group has one name in all fits.
    """

    targets: NDArray[Any]
    scores: NDArray[Any]
    groups: Sequence[Any]


def seeded_intervals(
    fits: Sequence[Fit], seed: int, config: BootstrapConfig | None = None
) -> Intervals:
    """Take every metric's mean over fits of several seeds, with its interval.

    Args:
        fits: One for each seed; their rows may differ. Of one alone the interval is that of
            `bootstrap_intervals`, and says nothing of other seeds.
        seed: Seed of the draws.
        config: How many draws, and which level.

    Returns:
        Each metric of `METRICS` by its name; None where a fit does not define it.

    Raises:
        MetricError: A table cannot be scored.
    """
    return _bootstrap(fits, lambda values: [values], seed, config or BootstrapConfig(), least=0.0)


def seeded_differences(
    first: Sequence[Fit],
    other: Sequence[Fit],
    paired: bool,
    seed: int,
    config: BootstrapConfig | None = None,
) -> Intervals:
    """Take every metric's difference of means between two sets of fits, with its interval.

    Args:
        first: What is subtracted, one fit for each seed.
        other: What it is subtracted from.
        paired: Whether the fits of one place have one seed and the same rows: then what that seed
            does to both cancels out. Else the seeds of both are taken to differ equally much, so
            that one fit alone borrows its spread from the other side's.
        seed: Seed of the draws.
        config: How many draws, and which level.

    Returns:
        The difference, other minus first, of each metric of `METRICS` by its name; None where a fit
        does not define it.

    Raises:
        MetricError: A table cannot be scored.
    """
    n = len(first)

    def samples(values: list[float]) -> Samples:
        before, after = values[:n], values[n:]
        if paired:
            return [[b - a for a, b in zip(before, after, strict=True)]]
        return [after, [-value for value in before]]

    return _bootstrap([*first, *other], samples, seed, config or BootstrapConfig(), least=-1.0)


def standard_error(samples: Samples) -> tuple[float, int]:
    """Take the standard error of the sum of means, from the spread that all samples have in common.

    Returns:
        The error, and its degrees of freedom; 0.0 and 0 where there is one seed only.

    Example:
        >>> error, freedom = standard_error([[0.1, 0.3, 0.2]])
        >>> round(error, 4), freedom
        (0.0577, 2)
    """
    freedom = sum(len(sample) - 1 for sample in samples)
    if not freedom:
        return 0.0, 0
    squares = sum(float(np.var(sample)) * len(sample) for sample in samples)
    return float(np.sqrt(squares / freedom * sum(1 / len(sample) for sample in samples))), freedom


def _bootstrap(
    fits: Sequence[Fit],
    samples: Callable[[list[float]], Samples],
    seed: int,
    config: BootstrapConfig,
    least: float,
) -> Intervals:
    tables = [ScoreTable(fit.targets, fit.scores) for fit in fits]
    ends = np.cumsum([0, *(len(fit.groups) for fit in fits)])

    def measure(weights: Floats) -> list[Values]:
        parts = [weights[start:end] for start, end in pairwise(ends)]
        return [evaluate_table(table, part) for table, part in zip(tables, parts, strict=True)]

    def combined(values: list[Values], name: str) -> Samples | None:
        found = [value[name] for value in values]
        known = [value for value in found if value is not None]
        return samples(known) if len(known) == len(found) else None

    groups = list(chain.from_iterable(fit.groups for fit in fits))
    point = measure(np.ones(int(ends[-1])))
    drawn = track(draw_weights(groups, seed, config.n), "bootstrap", config.n, "draws")
    draws = [measure(weights) for weights in drawn]
    intervals: Intervals = {}
    for name in METRICS:
        own = combined(point, name)
        if own is None:
            intervals[name] = None
            continue
        around = [_total(combined(draw, name)) for draw in draws]
        error, freedom = standard_error(own)
        noise = error * _student(seed, freedom, len(draws)) if freedom else None
        intervals[name] = interval_around(_sum_of_means(own), around, config, least, noise)
    return intervals


def _sum_of_means(samples: Samples) -> float:
    return float(sum(sum(sample) / len(sample) for sample in samples))


def _total(samples: Samples | None) -> float | None:
    return None if samples is None else _sum_of_means(samples)


def _student(seed: int, freedom: int, n: int) -> Floats:
    """Draw Student's t in strata, each value with its opposite: what n draws can tell of its tails.

    Drawn freely, the bounds from 1000 draws of two degrees of freedom would scatter by 8 percent.
    """
    draws = generator(seed, "bootstrap-seeds", freedom)
    middle = np.median(np.sort(draws.standard_t(freedom, n * STRATUM)).reshape(n, STRATUM), axis=1)
    return draws.permutation((middle - middle[::-1]) / 2)
