import numpy as np
import pytest

from oscine.core import generator, seed_for, uniforms


def test_equal_positions_give_equal_draws():
    assert np.array_equal(
        generator(1, "crop", 2, 3).random(4), generator(1, "crop", 2, 3).random(4)
    )


@pytest.mark.parametrize(
    "other", [(2, "crop", 2, 3), (1, "noise", 2, 3), (1, "crop", 3, 2), (1, "crop", 23)]
)
def test_another_seed_stream_or_counter_gives_another_seed(other):
    assert seed_for(1, "crop", 2, 3) != seed_for(*other)


def test_seeds_are_the_same_in_every_process_and_version():
    # A pinned value: a change here would change every run that anyone repeats.
    assert seed_for(42, "crop", 0, 0) == 2727699162276062323


def test_draws_of_neighbouring_positions_look_independent():
    first = np.array([generator(0, "crop", 0, position).random() for position in range(2000)])
    # Mean of 2000 uniform numbers has a standard error of .0065; 5 of them.
    assert abs(first.mean() - 0.5) < 0.033
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.11  # 5 / sqrt(2000)


def splitmix64(state, n):
    """The generator as published, one number at a time."""
    numbers = []
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        numbers.append((z ^ (z >> 31)) >> 11)
    return np.array(numbers) / 2**53


def test_draws_of_a_position_are_its_stretch_of_splitmix64():
    key = seed_for(1, "gain", 3)
    expected = splitmix64((key + 5 * 2**20 * 0x9E3779B97F4A7C15) % 2**64, 4)
    assert np.array_equal(uniforms(key, [2, 5], 4)[1], expected)


def test_draws_at_once_look_uniform_and_independent():
    drawn = uniforms(seed_for(0, "gain", 0), range(5000), 2)
    # 5 standard errors of 5000 uniform numbers; correlations of neighbours and of a row.
    assert abs(drawn.mean(axis=0) - 0.5).max() < 5 * 0.2887 / 5000**0.5
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 5 / 5000**0.5
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 5 / 5000**0.5
    counts = np.histogram(drawn, bins=20, range=(0, 1))[0]
    assert abs(counts - 500).max() < 5 * 475**0.5
