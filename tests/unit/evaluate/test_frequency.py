from __future__ import annotations

import numpy as np
import pytest

from oscine.evaluate import BootstrapConfig, ClassDraws, bootstrap_classes, by_frequency, cmap

CONFIG = BootstrapConfig(n=60)
N_RECORDINGS = np.array([3, 9, 10, 29, 400])


def rows(seed: int, strength: float = 0.5) -> tuple[np.ndarray, np.ndarray, list[int]]:
    draws = np.random.default_rng(seed)
    truth = np.eye(5)[draws.integers(4, size=120)]  # no row has the last class
    scores = np.random.default_rng(seed + 1).random((120, 5)) + strength * truth
    return truth, scores, [row // 3 for row in range(120)]


def of(seed: int = 0, strength: float = 0.5) -> ClassDraws:
    return ClassDraws.of(*rows(seed, strength), 7, CONFIG)


def test_an_interval_of_a_class_is_that_of_the_class_alone():
    truth, scores, groups = rows(0)
    alone = bootstrap_classes(truth, scores, groups, 7, CONFIG)
    for place in range(4):
        assert of().interval(place) == alone[place].average_precision
    assert of().interval(4) is None


def test_the_mean_of_all_classes_is_cmap():
    truth, scores, _ = rows(0)
    mean = of().interval(np.ones(5, dtype=bool))
    assert mean.value == pytest.approx(cmap(truth, scores))
    assert mean.low < mean.value < mean.high


def test_every_scored_class_is_in_one_bin():
    found = by_frequency(of(), N_RECORDINGS)
    assert [(row["fewest"], row["most"], row["n_classes"]) for row in found] == [
        (0, 9, 2),
        (10, 29, 2),
    ]
    assert found[0]["value"] == pytest.approx(np.mean(of().value[:2]))


def test_the_last_bin_has_no_end():
    (row,) = by_frequency(of(), np.full(5, 10_000))
    assert (row["fewest"], row["most"], row["n_classes"]) == (300, None, 4)


def test_a_difference_of_the_same_scores_is_nothing_in_every_draw():
    found = by_frequency(of().minus(of()), N_RECORDINGS)
    assert all((row["value"], row["low"], row["high"]) == (0.0, 0.0, 0.0) for row in found)


def test_a_difference_may_be_negative():
    weak, strong = (ClassDraws.of(*rows(0, strength), 7, CONFIG) for strength in (0.1, 2.0))
    found = by_frequency(weak.minus(strong), N_RECORDINGS)
    assert all(row["high"] < 0 for row in found)


def test_one_group_gives_values_without_intervals():
    truth, scores, _ = rows(0)
    lone = ClassDraws.of(truth, scores, [0] * 120, 7, CONFIG)
    found = lone.interval(0)
    assert (found.low, found.high) == (None, None)
