import numpy as np
import torch

from oscine.augment import AugmentConfig
from oscine.augment.augmenter import Augmenter
from oscine.augment.draws import Draws

CPU = torch.device("cpu")


def batch(n=8):
    rng = np.random.default_rng(0)
    waveforms = torch.from_numpy(rng.standard_normal((n, 4000)).astype(np.float32))
    return waveforms, torch.eye(n), Draws(0, 0, tuple(range(n)), CPU)


def test_disabled_is_the_identity():
    waveforms, targets, draws = batch()
    augmenter = Augmenter(AugmentConfig(enabled=False))
    assert augmenter.on_waveforms(waveforms, targets, draws) == (waveforms, targets)
    images = torch.rand(8, 1, 16, 20)
    assert augmenter.on_images(images, draws) is images


def test_the_defaults_change_some_clips_and_leave_others():
    waveforms, targets, draws = batch(64)
    augmented, _ = Augmenter(AugmentConfig()).on_waveforms(waveforms, targets, draws)
    changed = (augmented != waveforms).any(dim=1)
    assert 0 < changed.sum() < 64


def test_the_same_batch_of_the_same_epoch_is_augmented_to_the_same_bits():
    waveforms, targets, draws = batch()
    augmenter = Augmenter(AugmentConfig())
    first = augmenter.on_waveforms(waveforms, targets, draws)
    second = augmenter.on_waveforms(waveforms, targets, draws)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
