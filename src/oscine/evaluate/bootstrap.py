"""Confidence intervals by resampling whole groups of rows, alone and for a paired difference.

Clips of one recording, and recordings of one recordist, resemble each other; resampling rows one by
one would pretend that they are independent and give intervals that are too narrow. So groups are
drawn with replacement, and a group's rows come along together.

An interval takes the percentiles of the draws around their mean and lays them around the value
itself. Plain percentiles would not do: a row that is drawn twice ties with itself at one score,
which lifts average precision in every draw, so that they can miss the very value they belong to.

Fits that differ in their seed alone score the same rows; a stack of their scores gives the interval
of their mean. It says how that mean depends on the rows, and nothing of how seeds differ; for both
see `oscine.evaluate.seeds`.

Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap" (section 10 on bias); Field &
Welsh (2007), "Bootstrapping clustered data".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from oscine.config import Config
from oscine.core import MetricError, generator
from oscine.evaluate.metrics import METRICS, evaluate_table
from oscine.evaluate.ranking import Floats
from oscine.evaluate.score_table import ScoreTable

Values = dict[str, float | None]


class BootstrapConfig(Config):
    """Settings of the bootstrap."""

    n: int = Field(default=1000, ge=1)
    """How many times the groups are drawn."""
    level: float = Field(default=0.95, gt=0.0, lt=1.0)
    """Share of the draws that an interval holds."""


@dataclass(frozen=True)
class Interval:
    """A value with its interval; the bounds are None where the rows cannot tell them."""

    value: float
    low: float | None
    high: float | None

    def to_plain(self) -> dict[str, float | None]:
        """Give the three numbers as JSON-ready data."""
        return asdict(self)


def bootstrap_interval(
    metric: str,
    targets: NDArray[Any],
    scores: NDArray[Any],
    groups: Sequence[Any],
    seed: int,
    config: BootstrapConfig | None = None,
) -> Interval | None:
    """Take one metric with its interval.

    Args:
        metric: A name in `METRICS`.
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: Scores, [n_rows, n_classes], or of several fits, [n_fits, n_rows, n_classes]: then
            the metric is the mean of theirs.
        groups: What each row belongs to (its recording, recordist or site), [n_rows].
        seed: Seed of the draws; two metrics with one seed see the same draws.
        config: How many draws, and which level.

    Returns:
        The metric with its interval, or None where it is undefined.

    Raises:
        MetricError: The metric is unknown, or the table cannot be scored.
    """
    if metric not in METRICS:
        raise MetricError(f"no metric {metric!r}", fix=f"choose from {', '.join(METRICS)}")
    tables = _tables(targets, scores)

    def measure(weights: Floats | None) -> Values:
        return _mean([evaluate_table(table, weights, names=(metric,)) for table in tables])

    return _intervals(measure, groups, seed, config or BootstrapConfig())[metric]


def bootstrap_intervals(
    targets: NDArray[Any],
    scores: NDArray[Any],
    groups: Sequence[Any],
    seed: int,
    config: BootstrapConfig | None = None,
) -> dict[str, Interval | None]:
    """Take every metric with its interval, from one sorting of the scores.

    See `bootstrap_interval` for the arguments.

    Returns:
        Each metric of `METRICS` by its name; None where it is undefined.
    """
    tables = _tables(targets, scores)

    def measure(weights: Floats | None) -> Values:
        return _mean([evaluate_table(table, weights) for table in tables])

    return _intervals(measure, groups, seed, config or BootstrapConfig())


def bootstrap_differences(
    targets: NDArray[Any],
    scores: tuple[NDArray[Any], NDArray[Any]],
    groups: Sequence[Any],
    seed: int,
    config: BootstrapConfig | None = None,
) -> dict[str, Interval | None]:
    """Take every metric's difference between two score tables of the same rows, with its interval.

    Both tables see the same draws, so what makes rows easy or hard cancels out: an interval that
    excludes 0 says that the first model is better (or worse) on rows like these.

    Args:
        targets: Truth, 0 or 1, [n_rows, n_classes].
        scores: The two score tables, or stacks of them as `bootstrap_interval` takes them; the
            difference is first minus second.
        groups: What each row belongs to, [n_rows].
        seed: Seed of the draws.
        config: How many draws, and which level.

    Returns:
        The difference of each metric of `METRICS` by its name; None where it is undefined.

    Raises:
        MetricError: A table cannot be scored.
    """
    first, second = (_tables(targets, stack) for stack in scores)

    def measure(weights: Floats | None) -> Values:
        one, two = (
            _mean([evaluate_table(table, weights) for table in tables])
            for tables in (first, second)
        )
        return {name: _minus(one[name], two[name]) for name in one}

    return _intervals(measure, groups, seed, config or BootstrapConfig(), least=-1.0)


def _tables(targets: NDArray[Any], scores: NDArray[Any]) -> list[ScoreTable]:
    """Make the table of each fit."""
    stack = scores if np.ndim(scores) == 3 else [scores]
    return [ScoreTable(targets, table) for table in stack]


def _mean(fits: Sequence[Values]) -> Values:
    """Average each metric over fits; a metric that one of them lacks has no mean."""
    means: Values = {}
    for name in fits[0] if fits else ():
        values = [fit[name] for fit in fits]
        known = [value for value in values if value is not None]
        means[name] = sum(known) / len(known) if len(known) == len(values) else None
    return means


def _intervals(
    measure: Callable[[Floats | None], Values],
    groups: Sequence[Any],
    seed: int,
    config: BootstrapConfig,
    least: float = 0.0,
) -> dict[str, Interval | None]:
    point = measure(None)
    draws = [measure(weights) for weights in draw_weights(groups, seed, config.n)]
    return {
        name: None
        if value is None
        else interval_around(value, [d[name] for d in draws], config, least)
        for name, value in point.items()
    }


def draw_weights(groups: Sequence[Any], seed: int, n: int) -> Iterator[Floats]:
    """Yield how often each row counts in each draw; none when there is one group only."""
    _, member = np.unique(np.asarray([str(group) for group in groups]), return_inverse=True)
    n_groups = int(member.max(initial=-1)) + 1
    if n_groups < 2:
        return
    for draw in range(n):
        picked = generator(seed, "bootstrap", draw).integers(n_groups, size=n_groups)
        yield np.bincount(picked, minlength=n_groups)[member].astype(np.float64)


def interval_around(
    value: float,
    draws: list[float | None],
    config: BootstrapConfig,
    least: float,
    noise: Floats | None = None,
) -> Interval:
    """Take percentiles within `least` to 1; from a minority of defined draws they would mislead.

    Args:
        value: What the interval lies around.
        draws: The value in each draw.
        config: Has the level.
        least: The least that the metric can be.
        noise: What each draw deviates besides, [n_draws].
    """
    defined = [place for place, draw in enumerate(draws) if draw is not None]
    if not defined or 2 * len(defined) < len(draws):
        return Interval(value, None, None)
    around = np.array([draws[place] for place in defined], dtype=np.float64)
    around -= around.mean()
    if noise is not None:
        around += noise[defined]
    tail = (1.0 - config.level) / 2
    bounds = value + np.quantile(around, [tail, 1.0 - tail])
    low, high = np.clip(bounds, least, 1.0)
    return Interval(value, float(low), float(high))


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
