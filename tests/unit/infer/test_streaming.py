from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.audio.windows import fit_length
from oscine.core import generator
from oscine.infer.streaming import count_windows, cut_windows


def slow_windows(whole: np.ndarray, n_samples: int, hop: int) -> list[tuple[int, int, np.ndarray]]:
    """Oracle: pad the whole waveform, and slice it."""
    windows = []
    start = heard = 0
    while start < len(whole) and heard < len(whole):
        heard = min(start + n_samples, len(whole))
        cut = whole[start:heard]
        windows.append((start, heard, np.pad(cut, (0, n_samples - len(cut)))))
        start += hop
    return windows


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(0, 40), max_size=6),
    n_samples=st.integers(1, 30),
    hop=st.integers(1, 45),
)
def test_windows_of_a_stream_are_those_of_the_whole(
    lengths: list[int], n_samples: int, hop: int
) -> None:
    whole = generator(0, "audio").normal(size=sum(lengths)).astype(np.float32)
    blocks = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    windows = list(cut_windows(blocks, n_samples, hop))
    expected = slow_windows(whole, n_samples, hop)
    assert [(w.start, w.end) for w in windows] == [(start, end) for start, end, _ in expected]
    for window, (_, _, waveform) in zip(windows, expected, strict=True):
        np.testing.assert_array_equal(window.waveform, waveform)
    assert count_windows(len(whole), n_samples, hop) == len(windows)


def test_the_last_window_is_padded_with_zeros() -> None:
    *_, last = cut_windows([np.ones(25, dtype=np.float32)], n_samples=10, hop=10)
    assert (last.start, last.end) == (20, 25)
    np.testing.assert_array_equal(last.waveform, [1] * 5 + [0] * 5)


@pytest.mark.parametrize(("length", "starts"), [(10, [0]), (11, [0, 5]), (15, [0, 5]), (3, [0])])
def test_windows_end_with_the_first_that_reaches_the_end(length: int, starts: list[int]) -> None:
    windows = cut_windows([np.zeros(length, dtype=np.float32)], n_samples=10, hop=5)
    assert [window.start for window in windows] == starts


def test_a_window_keeps_no_hold_on_its_block() -> None:
    block = np.zeros(1000, dtype=np.float32)
    window = next(cut_windows([block], n_samples=10, hop=10))
    assert window.around.base is None
    assert len(window.around) == 10


@pytest.mark.parametrize("short", ["wrap", "pad", "repeat"])
def test_a_recording_shorter_than_a_window_fills_it_as_in_training(short):
    waveform = np.arange(1, 6, dtype=np.float32)
    (window,) = cut_windows([waveform], n_samples=12, hop=12, short=short)
    assert np.array_equal(window.waveform, fit_length(waveform, 12, short))
    assert (window.start, window.end) == (0, 5)


def test_the_rest_of_a_longer_recording_is_padded_whatever_fills_short_ones():
    windows = list(cut_windows([np.ones(5, np.float32)], n_samples=4, hop=4, short="wrap"))
    assert windows[-1].waveform.tolist() == [1, 0, 0, 0]


@settings(deadline=None)
@given(
    length=st.integers(1, 60),
    hop=st.integers(1, 20),
    shift=st.integers(-12, 12),
    block=st.integers(1, 30),
)
def test_a_shifted_window_is_the_recording_there_or_nothing(
    length: int, hop: int, shift: int, block: int
) -> None:
    whole = generator(0, "audio").normal(size=length).astype(np.float32)
    blocks = [whole[start : start + block] for start in range(0, length, block)]
    reach = max(0, -shift), max(0, shift)
    windows = list(cut_windows(blocks, 10, hop, reach=reach))
    plain = list(cut_windows(blocks, 10, hop))
    assert [w.start for w in windows] == [w.start for w in plain]
    for window, alone in zip(windows, plain, strict=True):
        np.testing.assert_array_equal(window.waveform, alone.waveform)
        start = window.start + shift
        if start < 0 or start + 10 > length:
            assert window.shifted(shift) is None
        else:
            np.testing.assert_array_equal(window.shifted(shift), whole[start : start + 10])
