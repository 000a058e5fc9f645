from __future__ import annotations

from oscine.infer.levels import Level


def test_a_window_is_heard_once_and_once_more_for_each_shift() -> None:
    assert [Level((0,), shifts).n_takes for shifts in [(), (5,), (-5, 5)]] == [1, 2, 3]
