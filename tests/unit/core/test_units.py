import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscine.core import hop_for_frames, resampled_length, samples_to_seconds, seconds_to_samples


@given(st.integers(0, 10**9), st.sampled_from([8_000, 16_000, 22_050, 32_000, 44_100, 192_000]))
def test_counts_survive_the_way_to_seconds_and_back(n_samples, sample_rate):
    assert seconds_to_samples(samples_to_seconds(n_samples, sample_rate), sample_rate) == n_samples


def test_the_reference_recipe_has_a_hop_of_835():
    assert hop_for_frames(320_000, 384) == 835


@pytest.mark.parametrize(
    ("n", "rates", "length"),
    [(441, (44_100, 32_000), 320), (1, (8, 32), 4), (3, (48, 32), 2), (0, (48, 32), 0)],
)
def test_a_resampled_length_is_rounded_up(n, rates, length):
    assert resampled_length(n, *rates) == length
