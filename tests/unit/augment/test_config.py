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


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("cutmix", {"alpha": 2.5}),
        ("time_masks", {"count": 2, "max_width": 25}),
        ("frequency_masks", {"count": 1, "max_width": 10}),
        ("mixup", {"alpha": 0.5}),
    ],
)
def test_a_recipe_that_sets_the_chance_alone_keeps_the_other_defaults(name, kept):
    part = getattr(AugmentConfig.model_validate({name: {"probability": 0.1}}), name)
    assert part.model_dump(include=set(kept)) == kept
