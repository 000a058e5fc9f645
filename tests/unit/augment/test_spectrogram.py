import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from oracles import augment_slow
from oscine.augment import BandShiftConfig, MaskConfig
from oscine.augment.draws import Draws
from oscine.augment.spectrogram import mask, shift_bands

CPU = torch.device("cpu")


def images(n=8, channels=3, mels=40, frames=60):
    rng = np.random.default_rng(1)
    one = torch.from_numpy(rng.random((n, 1, mels, frames)).astype(np.float32)) + 1.0
    one[:, :, 0, 0] = 0.5  # the floor, at a known place
    return one.expand(n, channels, mels, frames).clone()


def covered(before, after):
    return (before != after)[:, 0]


def draws(seed, n=8):
    return Draws(seed, 0, tuple(range(n)), CPU)


@pytest.mark.parametrize("axis", ["frequency", "time"])
def test_probability_0_and_count_0_are_the_identity(axis):
    given_images = images()
    assert torch.equal(
        mask(given_images, axis, MaskConfig(probability=0.0), draws(0)), given_images
    )
    assert torch.equal(
        mask(given_images, axis, MaskConfig(probability=1.0, count=0), draws(0)), given_images
    )


@given(st.integers(0, 500))
def test_frequency_masks_cut_mel_bands_and_time_masks_cut_frames(seed):
    """In the reference recipe time masks fell on frequency and frequency masks on time."""
    before = images()
    config = MaskConfig(probability=1.0, count=1, max_width=10)
    rows = covered(before, mask(before, "frequency", config, draws(seed))).float().mean(dim=2)
    columns = covered(before, mask(before, "time", config, draws(seed))).float().mean(dim=1)
    # A covered row is covered whole (but where it was at the floor already), any other not at all.
    assert ((rows == 0) | (rows > 0.97)).all()
    assert ((columns == 0) | (columns > 0.97)).all()


@given(st.integers(0, 500), st.integers(0, 50), st.integers(1, 3))
def test_masks_are_never_wider_than_the_parameter(seed, max_width, count):
    before = images()
    config = MaskConfig(probability=1.0, count=count, max_width=max_width)
    after = mask(before, "frequency", config, draws(seed))
    width = covered(before, after).any(dim=2).sum(dim=1)
    assert (width <= count * max(0, max_width - 1)).all() or max_width > 40


def test_a_mask_is_the_same_in_all_channels():
    """In the reference recipe it differed between copies of the same channel."""
    after = mask(images(), "time", MaskConfig(probability=1.0, max_width=25), draws(3))
    assert torch.equal(after[:, 0], after[:, 1])
    assert torch.equal(after[:, 0], after[:, 2])


def test_each_clip_tosses_its_own_coin():
    """In the reference recipe one coin was tossed for the whole batch."""
    before = images(n=200)
    after = mask(before, "time", MaskConfig(probability=0.5, max_width=25), draws(0, 200))
    share = covered(before, after).flatten(1).any(dim=1).float().mean()
    # Half of 200 coins, less the masks of width 0 (1 in 25); five standard errors are .18.
    assert 0.3 < share < 0.66


def test_a_masked_clip_equals_the_slow_oracle():
    before = images(n=1, channels=1)
    config = MaskConfig(probability=1.0, count=1, max_width=20)
    after = mask(before, "frequency", config, draws(5, 1))
    width, start = draws(5, 1).values("frequency-mask-place", 2)[0].tolist()
    width = int(width * 20)
    start = int(start * (40 - width + 1))
    expected = augment_slow.mask_rows(before[0, 0].numpy(), start, width, 0.5)
    assert np.array_equal(after[0, 0].numpy(), expected)


@pytest.mark.parametrize("fill", ["floor", "mean"])
def test_the_fill_is_the_clip_s_own(fill):
    before = images()
    before[3] += 10.0
    config = MaskConfig(probability=1.0, max_width=25, fill=fill)
    together = mask(before, "time", config, draws(2))
    alone = mask(before[3:4], "time", config, Draws(2, 0, (3,), CPU))
    assert torch.equal(together[3], alone[0])


def test_a_band_shift_equals_its_oracle_either_way():
    before = images()
    after = before.clone()
    shift_bands(after, range(8), BandShiftConfig(max_bands=6), draws(2))
    shifts = (draws(2).values("band-shift")[:, 0] * 13).astype(int) - 6
    assert shifts.min() < 0 < shifts.max()
    for row in range(8):
        for channel in range(3):
            expected = augment_slow.band_shift(before[row, channel].numpy(), shifts[row])
            assert np.array_equal(after[row, channel], expected)
