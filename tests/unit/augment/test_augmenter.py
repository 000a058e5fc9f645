import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.augment import AugmentConfig
from oscine.augment.augmenter import Augmenter
from oscine.augment.background import Background
from oscine.augment.draws import Draws
from oscine.config import parse

CPU = torch.device("cpu")
RATE, N = 16_000, 4000
NAMES = [
    name
    for name in AugmentConfig.model_fields
    if hasattr(getattr(AugmentConfig(), name), "probability")
]
ON_IMAGES = {"band_shift", "frequency_masks", "time_masks"}


def batch(n=8, first=0):
    rng = np.random.default_rng(0)
    waveforms = torch.from_numpy(rng.standard_normal((first + n, N)).astype(np.float32) * 0.1)
    positions = tuple(range(first, first + n))
    return waveforms[first:], torch.eye(first + n)[first:], Draws(0, 0, positions, CPU)


def only(**chances):
    """Settings where nothing but what is named happens."""
    off = {name: {"probability": 0.0} for name in NAMES}
    plain = {"waveform_probability": 1.0, **off}
    for name, chance in chances.items():
        plain[name] = {"probability": chance}
    if "background" in chances:
        plain["background"]["label"] = "nocall"
    return parse(AugmentConfig, plain, where="test")


def augmenter(config):
    sound = np.random.default_rng(1).integers(-9000, 9000, 3 * N).astype(np.int16)
    return Augmenter(config, RATE, Background([sound]))


def test_disabled_is_the_identity():
    waveforms, targets, draws = batch()
    off = augmenter(AugmentConfig(enabled=False))
    assert off.on_waveforms(waveforms, targets, draws) == (waveforms, targets)
    images = torch.rand(8, 1, 16, 20, generator=torch.Generator().manual_seed(0))
    assert off.on_images(images, targets, draws) == (images, targets)


def test_probability_0_is_the_identity():
    waveforms, targets, draws = batch()
    none = augmenter(only())
    after, labels = none.on_waveforms(waveforms, targets, draws)
    images = torch.rand(8, 1, 16, 20, generator=torch.Generator().manual_seed(0))
    assert torch.equal(after, waveforms)
    assert torch.equal(labels, targets)
    assert torch.equal(none.on_images(images, targets, draws)[0], images)


@pytest.mark.parametrize("name", NAMES)
def test_each_augmentation_does_something_and_leaves_its_input_alone(name):
    waveforms, targets, draws = batch()
    images = torch.rand(8, 3, 16, 20, generator=torch.Generator().manual_seed(0))
    given_images, given_waveforms = images.clone(), waveforms.clone()
    one = augmenter(only(**{name: 1.0}))
    if name in ON_IMAGES:
        assert not torch.equal(one.on_images(images, targets, draws)[0], images)
    else:
        assert not torch.equal(one.on_waveforms(waveforms, targets, draws)[0], waveforms)
    assert torch.equal(images, given_images)
    assert torch.equal(waveforms, given_waveforms)


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_mixing_can_be_done_on_images(name):
    config = only()
    mix = config.mixup.model_copy(update={"probability": 1.0, "on": "image"})
    one = augmenter(config.model_copy(update={name: mix}))
    waveforms, targets, draws = batch()
    images = torch.rand(8, 1, 16, 200, generator=torch.Generator().manual_seed(0))
    assert torch.equal(one.on_waveforms(waveforms, targets, draws)[1], targets)
    after, labels = one.on_images(images, targets, draws)
    assert not torch.equal(after, images)
    assert torch.allclose(labels.sum(dim=1), torch.ones(8))


def test_the_defaults_change_some_clips_and_leave_others():
    waveforms, targets, draws = batch(64)
    augmented, _ = augmenter(AugmentConfig()).on_waveforms(waveforms, targets, draws)
    changed = (augmented != waveforms).any(dim=1)
    assert 0 < changed.sum() < 64


@settings(max_examples=10, deadline=None)
@given(batch_size=st.sampled_from([4, 8, 12, 16]), epoch=st.integers(0, 50))
def test_a_clip_is_augmented_to_the_same_bits_in_batches_of_any_size(batch_size, epoch):
    whole = augmenter(only(**dict.fromkeys(NAMES, 0.7)))
    waveforms, targets, _ = batch(16)
    images = torch.rand(16, 1, 16, 20, generator=torch.Generator().manual_seed(0))

    def run(first, last):
        draws = Draws(5, epoch, tuple(range(first, last)), CPU)
        stretch = slice(first, last)
        sounds = whole.on_waveforms(waveforms[stretch], targets[stretch], draws)
        return (*sounds, *whole.on_images(images[stretch], targets[stretch], draws))

    together = run(0, 16)
    for first in range(0, 16, batch_size):
        last = min(first + batch_size, 16)
        for part, all_of_it in zip(run(first, last), together, strict=True):
            assert torch.equal(part, all_of_it[first:last])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: np.random.normal(),  # noqa: NPY002, PLW0108 - found when called
        lambda: random.random(),  # noqa: PLW0108
        lambda: torch.rand(1),
        lambda: torch.zeros(1).uniform_(),
    ],
)
def test_the_poison_of_these_tests_works(draw):
    with pytest.raises(AssertionError, match="global random state"):
        draw()
