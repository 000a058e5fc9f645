import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from oracles import augment_slow
from oscine.augment import MixConfig
from oscine.augment.draws import Draws
from oscine.augment.mixing import cutmix, mixup

N_SAMPLES, N_CLASSES = 100, 4


def batch(n, seed=0):
    rng = np.random.default_rng(seed)
    waveforms = torch.from_numpy(rng.standard_normal((n, N_SAMPLES)).astype(np.float32))
    targets = torch.eye(N_CLASSES)[torch.from_numpy(rng.integers(0, N_CLASSES, n))]
    return (
        waveforms,
        targets,
        torch.ones(n, dtype=torch.bool),
        Draws(seed, 0, tuple(range(n)), torch.device("cpu")),
    )


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_probability_0_is_the_identity(mix):
    waveforms, targets, chosen, draws = batch(8)
    mixed, labels = mix(waveforms, targets, chosen, MixConfig(probability=0.0), draws)
    assert torch.equal(mixed, waveforms)
    assert torch.equal(labels, targets)


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_a_clip_that_may_not_be_changed_is_not_changed(mix):
    waveforms, targets, chosen, draws = batch(8)
    chosen[3] = False
    mixed, labels = mix(waveforms, targets, chosen, MixConfig(probability=1.0), draws)
    assert torch.equal(mixed[3], waveforms[3])
    assert torch.equal(labels[3], targets[3])


def test_mixup_equals_its_oracle_with_a_weight_for_each_clip():
    waveforms, targets, chosen, draws = batch(6)
    mixed, labels = mixup(waveforms, targets, chosen, MixConfig(probability=1.0), draws)
    weight = draws.beta("mixup-weight", 0.5)
    assert len(set(weight.tolist())) == 6
    partner = draws.partners("mixup-partner")
    for row in range(6):
        expected = augment_slow.mixup(
            waveforms[row].numpy(), waveforms[partner[row]].numpy(), weight[row].item()
        )
        # One rounding of a float32 product and sum.
        assert np.allclose(mixed[row].numpy(), expected, atol=1e-6)
        share = augment_slow.mixup(
            targets[row].numpy(), targets[partner[row]].numpy(), weight[row].item()
        )
        assert np.allclose(labels[row].numpy(), share, atol=1e-6)


@given(st.integers(0, 10_000))
def test_cutmix_gives_each_label_the_share_of_time_that_it_fills(seed):
    """The reference recipe gave the pasted area's weight to the wrong label."""
    n = 6
    waveforms = torch.arange(n, dtype=torch.float32)[:, None].expand(n, N_SAMPLES)
    targets = torch.eye(n)
    draws = Draws(seed, 0, tuple(range(n)), torch.device("cpu"))
    mixed, labels = cutmix(
        waveforms, targets, torch.ones(n, dtype=torch.bool), MixConfig(probability=1.0), draws
    )
    counted = torch.stack([(mixed == clip).float().mean(dim=1) for clip in range(n)], dim=1)
    assert torch.allclose(labels, counted, atol=1e-6)  # both are multiples of 1/100 in float32


def test_cutmix_pastes_the_same_stretch_of_time_from_the_partner():
    waveforms, targets, chosen, draws = batch(6)
    mixed, _ = cutmix(waveforms, targets, chosen, MixConfig(probability=1.0, alpha=2.5), draws)
    partner = draws.partners("cutmix-partner")
    for row in range(6):
        changed = (mixed[row] != waveforms[row]).nonzero()[:, 0]
        if len(changed):
            start, width = int(changed[0]), int(changed[-1] - changed[0]) + 1
            expected = augment_slow.cutmix(
                waveforms[row].numpy(), waveforms[partner[row]].numpy(), start, width
            )
            assert np.array_equal(mixed[row].numpy(), expected)


@pytest.mark.parametrize("mix", [mixup, cutmix])
@given(seed=st.integers(0, 1000))
def test_label_mass_is_conserved_when_mixed_by_weight(mix, seed):
    waveforms, targets, chosen, draws = batch(5, seed)
    _, labels = mix(waveforms, targets, chosen, MixConfig(probability=0.7), draws)
    assert torch.allclose(labels.sum(dim=1), torch.ones(5), atol=1e-6)


@pytest.mark.parametrize("mix", [mixup, cutmix])
@given(seed=st.integers(0, 1000))
def test_union_labels_are_the_maximum_and_never_above_1(mix, seed):
    waveforms, targets, chosen, draws = batch(5, seed)
    _, labels = mix(waveforms, targets, chosen, MixConfig(probability=1.0, labels="union"), draws)
    assert labels.max() <= 1.0
    assert (labels >= targets).all()


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_silence_and_clipping_stay_finite(mix):
    waveforms, targets, chosen, draws = batch(4)
    waveforms[0], waveforms[1] = 0.0, 1.0
    mixed, labels = mix(waveforms, targets, chosen, MixConfig(probability=1.0), draws)
    assert torch.isfinite(mixed).all()
    assert torch.isfinite(labels).all()
