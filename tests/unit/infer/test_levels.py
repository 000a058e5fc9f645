from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.infer.levels import Level, ladder, left_out

FULL = Level((0, 1, 2), (-20, 20, -10))
ALL = np.ones((3, 4), dtype=np.bool_)


def test_a_window_is_heard_once_and_once_more_for_each_shift() -> None:
    assert [Level((0,), shifts).n_takes for shifts in [(), (5,), (-5, 5)]] == [1, 2, 3]


def test_shifts_go_first_then_the_worst_bundles_then_overlap() -> None:
    levels = ladder(FULL, [0.8, 0.9, 0.7], ALL, max_stride=4)
    assert levels == (
        FULL,
        Level((0, 1, 2), (20, -10)),
        Level((0, 1, 2), (-10,)),
        Level((0, 1, 2)),
        Level((0, 1)),
        Level((1,)),
        Level((1,), (), 2),
        Level((1,), (), 4),
    )


def test_of_equal_bundles_the_one_given_last_goes_first() -> None:
    members = [one.members for one in ladder(Level((0, 1, 2)), [0.5] * 3, ALL, 1)]
    assert members == [(0, 1, 2), (0, 1), (0,)]


def test_a_bundle_that_alone_knows_a_class_stays() -> None:
    knows = ALL.copy()
    knows[[0, 1], 3] = False
    members = [one.members for one in ladder(Level((0, 1, 2)), [0.8, 0.9, 0.7], knows, 1)]
    assert members == [(0, 1, 2), (1, 2), (2,)]
    knows[1:, 0] = False
    members = [one.members for one in ladder(Level((0, 1, 2)), [0.8, 0.9, 0.7], knows, 1)]
    assert members == [(0, 1, 2), (0, 2)]


@pytest.mark.parametrize(
    ("max_stride", "strides"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (6, [1, 2, 4, 6])]
)
def test_overlap_is_halved_down_to_windows_side_by_side(
    max_stride: int, strides: list[int]
) -> None:
    levels = ladder(Level((0,)), [0.0], np.ones((1, 1), bool), max_stride)
    assert [one.stride for one in levels] == strides


@settings(deadline=None)
@given(
    n_members=st.integers(1, 4),
    shifts=st.sets(st.integers(-9, 9).filter(bool), max_size=4),
    max_stride=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_each_level_is_less_work_than_the_one_before_and_scores_every_class(
    n_members: int, shifts: set[int], max_stride: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    knows = random.random((n_members, 5)) < 0.6
    knows[random.integers(n_members)] = True
    full = Level(tuple(range(n_members)), tuple(shifts))
    levels = ladder(full, random.random(n_members).tolist(), knows, max_stride)
    assert levels[0] == full
    work = [one.n_takes * len(one.members) / one.stride for one in levels]
    assert all(after < before for before, after in pairwise(work))
    assert all(knows[list(one.members)].any(axis=0).all() for one in levels)


def test_what_was_left_out_is_counted_by_recording() -> None:
    done = [
        frozenset({FULL}),
        frozenset({FULL, Level((0, 1, 2))}),
        frozenset({Level((1,), (), 2), Level((1,))}),
    ]
    assert left_out(FULL, done, ["a", "b", "c"], "overlap") == {
        "shifts": 2,
        "a": 1,
        "c": 1,
        "overlap": 1,
    }
    assert left_out(FULL, done[:1], ["a", "b", "c"], "overlap") == {}
