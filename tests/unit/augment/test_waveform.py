import numpy as np
import pytest
import torch

from oscine.augment import GainConfig, NoiseConfig, TimeShiftConfig
from oscine.augment.draws import Draws
from oscine.augment.waveform import add_noise, change_gain, shift_time

CPU = torch.device("cpu")
N = 20_000


def batch(n=6, level=0.1):
    rng = np.random.default_rng(0)
    waveforms = torch.from_numpy((rng.standard_normal((n, N)) * level).astype(np.float32))
    return waveforms, torch.ones(n, dtype=torch.bool), Draws(3, 1, tuple(range(n)), CPU)


@pytest.mark.parametrize(
    ("transform", "config"),
    [
        (add_noise, NoiseConfig(probability=0.0)),
        (change_gain, GainConfig(probability=0.0)),
        (shift_time, TimeShiftConfig(probability=0.0)),
    ],
    ids=["noise", "gain", "time shift"],
)
def test_probability_0_is_the_identity(transform, config):
    waveforms, chosen, draws = batch()
    assert torch.equal(transform(waveforms, chosen, config, draws), waveforms)


@pytest.mark.parametrize(
    ("transform", "config"),
    [
        (add_noise, NoiseConfig(probability=1.0)),
        (change_gain, GainConfig(probability=1.0)),
        (shift_time, TimeShiftConfig(probability=1.0)),
    ],
    ids=["noise", "gain", "time shift"],
)
def test_a_clip_is_augmented_alike_alone_and_in_a_batch_and_the_input_is_left_alone(
    transform, config
):
    waveforms, chosen, draws = batch()
    before = waveforms.clone()
    together = transform(waveforms, chosen, config, draws)
    alone = transform(waveforms[4:5], chosen[4:5], config, Draws(3, 1, (4,), CPU))
    assert torch.equal(together[4], alone[0])
    assert torch.equal(waveforms, before)
    assert not torch.equal(together, waveforms)


def test_noise_has_a_drawn_level_within_its_range():
    silence, chosen, draws = batch(level=0.0)
    noisy = add_noise(silence, chosen, NoiseConfig(probability=1.0), draws)
    spread = noisy.std(dim=1)
    # The standard deviation of 20,000 values is known to .5 %; 5 of them.
    assert (spread > 0.0025 * 0.975).all()
    assert (spread < 0.025 * 1.025).all()
    assert len({round(float(s), 6) for s in spread}) == len(spread)


def test_gain_is_in_decibels():
    waveforms, chosen, draws = batch()
    louder = change_gain(waveforms, chosen, GainConfig(probability=1, min_db=6, max_db=6), draws)
    assert torch.allclose(louder, waveforms * 10 ** (6 / 20), rtol=1e-6)


def test_a_time_shift_wraps_and_loses_nothing():
    waveforms, chosen, draws = batch()
    shifted = shift_time(waveforms, chosen, TimeShiftConfig(probability=1.0), draws)
    assert torch.equal(shifted.sort(dim=1).values, waveforms.sort(dim=1).values)
