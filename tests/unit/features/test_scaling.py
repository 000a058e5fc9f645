from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oscine.core import FeatureError, generator
from oscine.features import SCALINGS, scale
from synthetic import make_spec


@pytest.fixture
def decibels() -> np.ndarray:
    return generator(0, "db").uniform(-90, -10, size=(16, 20)).astype(np.float32)


def test_minmax_reaches_zero_and_one(decibels: np.ndarray) -> None:
    image = scale(decibels, make_spec(scaling="minmax"))
    assert (image.min(), image.max()) == (0.0, 1.0)


def test_zscore_has_mean_zero_and_spread_one(decibels: np.ndarray) -> None:
    image = scale(decibels, make_spec(scaling="zscore"))
    # float32 sums over 320 values.
    np.testing.assert_allclose([image.mean(), image.std()], [0.0, 1.0], atol=1e-5)


def test_band_has_mean_zero_and_spread_one_in_each_band(decibels: np.ndarray) -> None:
    image = scale(decibels, make_spec(scaling="band"))
    np.testing.assert_allclose(image.mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(image.std(axis=1), 1.0, atol=1e-5)


def test_a_silent_band_becomes_zeros_and_the_others_do_not(decibels: np.ndarray) -> None:
    decibels[3] = -100.0
    image = scale(decibels, make_spec(scaling="band"))
    assert not image[3].any()
    assert image[4].any()


def test_fixed_uses_the_given_mean_and_spread(decibels: np.ndarray) -> None:
    image = scale(decibels, make_spec(scaling="fixed", fixed_mean=-50.0, fixed_std=10.0))
    np.testing.assert_allclose(image, (decibels + 50.0) / 10.0, rtol=1e-5, atol=1e-6)


def test_none_leaves_decibels_alone(decibels: np.ndarray) -> None:
    np.testing.assert_array_equal(scale(decibels, make_spec(scaling="none")), decibels)


@pytest.mark.parametrize("scaling", ["minmax", "zscore", "band"])
def test_a_silent_clip_becomes_zeros(scaling: str) -> None:
    silence = np.full((16, 20), -100.0, dtype=np.float32)
    np.testing.assert_array_equal(scale(silence, make_spec(scaling=scaling)), 0.0)


@pytest.mark.parametrize("scaling", list(SCALINGS))
def test_every_scaling_keeps_shape_and_single_precision(scaling: str, decibels: np.ndarray) -> None:
    image = scale(decibels, make_spec(scaling=scaling))
    assert (image.shape, image.dtype) == (decibels.shape, np.float32)


def test_an_unknown_scaling_lists_the_choices(decibels: np.ndarray) -> None:
    with pytest.raises(FeatureError, match="minmax"):
        scale(decibels, replace(make_spec(), scaling="maxmin"))
