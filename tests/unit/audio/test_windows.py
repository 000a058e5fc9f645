import numpy as np
import pytest

from oscine.audio.windows import crop_start, fit_length, window_starts
from oscine.core import generator


@pytest.mark.parametrize("duration_s", [0.1, 4.999, 5.0, 5.001, 59.99, 60.0, 60.0000001, 86_400.0])
@pytest.mark.parametrize(("window_s", "hop_s"), [(5.0, 5.0), (5.0, 2.5), (10.0, 3.3), (3.0, 0.1)])
def test_windows_cover_the_recording_and_no_window_is_idle(duration_s, window_s, hop_s):
    starts = window_starts(duration_s, window_s, hop_s)
    np.testing.assert_allclose(np.diff(starts), hop_s, rtol=0, atol=1e-9 * duration_s)
    # A nanosecond hop of tolerance: see window_starts.
    assert starts[-1] + window_s >= duration_s - 1e-6
    assert len(starts) == 1 or starts[-2] + window_s < duration_s


@pytest.mark.parametrize(
    ("duration_s", "expected"), [(60.0, 12), (240.0, 48), (600.0, 120), (61.0, 13), (2.0, 1)]
)
def test_soundscapes_have_the_competitions_count_of_windows(duration_s, expected):
    assert len(window_starts(duration_s, 5.0, 5.0)) == expected


@pytest.mark.parametrize("duration_s", [4.0, 6.0, 16.0, 21.0])
def test_no_window_starts_beyond_the_end_when_the_hop_is_longer_than_the_window(duration_s):
    assert window_starts(duration_s, 5.0, 10.0)[-1] < duration_s


def test_a_recording_without_length_has_no_window():
    assert len(window_starts(0.0, 5.0, 5.0)) == 0


def test_random_crops_are_uniform_over_the_whole_recording():
    starts = [crop_start(60.0, 10.0, "random", generator(1, "crop", i)) for i in range(4_000)]
    assert min(starts) >= 0.0
    assert max(starts) <= 50.0
    counts = np.histogram(starts, bins=10, range=(0.0, 50.0))[0]
    # 400 a bin; four standard deviations of a binomial count are 76.
    assert np.abs(counts - 400).max() < 76


@pytest.mark.parametrize("duration_s", [0.5, 10.0])
def test_a_clip_no_longer_than_the_window_starts_at_its_beginning(duration_s):
    assert crop_start(duration_s, 10.0, "random", generator(1, "crop")) == 0.0


def test_the_first_policy_draws_nothing():
    rng = generator(1, "crop")
    assert crop_start(60.0, 10.0, "first", rng) == 0.0
    assert rng.uniform() == generator(1, "crop").uniform()


@pytest.mark.parametrize("short", ["wrap", "pad", "repeat"])
@pytest.mark.parametrize("n", [1, 2, 7, 50, 99, 100, 101, 250])
def test_a_fitted_clip_has_the_windows_length_and_begins_as_it_did(short, n):
    clip = generator(1, "clip", n).standard_normal(n).astype(np.float32)
    fitted = fit_length(clip, 100, short)
    assert fitted.shape == (100,)
    assert fitted.dtype == np.float32
    np.testing.assert_array_equal(fitted[:n], clip[:100])


@pytest.mark.parametrize("n", [1, 7, 50, 99])
def test_wrapping_is_circular(n):
    clip = generator(1, "clip", n).standard_normal(n).astype(np.float32)
    np.testing.assert_array_equal(fit_length(clip, 100, "wrap"), clip[np.arange(100) % n])


def test_repeating_never_cuts_a_call_in_two():
    clip = np.ones(30, np.float32)
    fitted = fit_length(clip, 100, "repeat")
    np.testing.assert_array_equal(fitted, np.repeat([1.0, 0.0], [90, 10]))
