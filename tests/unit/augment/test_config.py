import pytest
from pydantic import ValidationError

from oscine.augment import AugmentConfig, NoiseConfig


def test_the_defaults_are_the_reference_recipe_s():
    config = AugmentConfig()
    assert config.waveform_probability == 0.5
    assert (config.noise.probability, config.noise.sigma_min, config.noise.sigma_max) == (
        0.35,
        0.0025,
        0.025,
    )
    assert (config.mixup.probability, config.mixup.alpha) == (0.65, 0.5)
    assert (config.cutmix.probability, config.cutmix.alpha) == (0.65, 2.5)
    assert (config.frequency_masks.count, config.frequency_masks.max_width) == (1, 10)
    assert (config.time_masks.count, config.time_masks.max_width) == (2, 25)


def test_a_range_that_is_upside_down_is_refused():
    with pytest.raises(ValidationError, match="sigma_min is above sigma_max"):
        NoiseConfig(sigma_min=0.1, sigma_max=0.01)
