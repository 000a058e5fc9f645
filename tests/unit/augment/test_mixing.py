import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from oracles import augment_slow
from oscine.augment import MixConfig
from oscine.augment.draws import Draws
from oscine.augment.mixing import cutmix, mixable, mixup, partners

N_SAMPLES, N_CLASSES = 100, 4
SHAPES = {"waveforms": (N_SAMPLES,), "images": (3, 8, N_SAMPLES)}
CPU = torch.device("cpu")


def batch(n, seed=0, shape=(N_SAMPLES,)):
    rng = np.random.default_rng(seed)
    clips = torch.from_numpy(rng.standard_normal((n, *shape)).astype(np.float32))
    targets = torch.eye(N_CLASSES)[torch.from_numpy(rng.integers(0, N_CLASSES, n))]
    draws = Draws(seed, 0, tuple(range(n)), CPU)
    return clips, targets, draws, draws.partners("partner", n)


def mixed(mix, given, rows, config=MixConfig()):  # noqa: B008 - it is frozen
    """Mix copies."""
    clips, targets, draws, partner = given
    clips, targets = clips.clone(), targets.clone()
    mix(clips, targets, rows, partner, config, draws)
    return clips, targets


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_only_the_rows_that_were_drawn_change(mix):
    clips, targets, draws, partner = batch(8)
    after, labels = mixed(mix, (clips, targets, draws, partner), [1, 4])
    others = [0, 2, 3, 5, 6, 7]
    assert torch.equal(after[others], clips[others])
    assert torch.equal(labels[others], targets[others])
    assert not torch.equal(after[[1, 4]], clips[[1, 4]])


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_mixup_equals_its_oracle_with_a_weight_for_each_clip(shape):
    clips, targets, draws, partner = batch(6, shape=shape)
    after, labels = mixed(mixup, (clips, targets, draws, partner), range(6))
    weight = draws.beta("mixup-weight", 0.5)
    assert len(set(weight.tolist())) == 6
    for row in range(6):
        of = partner[row]
        expected = augment_slow.mixup(clips[row].numpy(), clips[of].numpy(), weight[row])
        # One rounding of a float32 product and sum.
        assert np.allclose(after[row], expected, atol=1e-6)
        share = augment_slow.mixup(targets[row].numpy(), targets[of].numpy(), weight[row])
        assert np.allclose(labels[row], share, atol=1e-6)


@given(st.integers(0, 10_000))
def test_cutmix_gives_each_label_the_share_of_time_that_it_fills(seed):
    """The reference recipe gave the pasted area's weight to the wrong label."""
    n = 6
    clips = torch.arange(n, dtype=torch.float32)[:, None].expand(n, N_SAMPLES)
    draws = Draws(seed, 0, tuple(range(n)), CPU)
    partner = draws.partners("partner", n)
    after, labels = mixed(cutmix, (clips, torch.eye(n), draws, partner), range(n))
    counted = torch.stack([(after == clip).float().mean(dim=1) for clip in range(n)], dim=1)
    assert torch.allclose(labels, counted, atol=1e-6)  # both are multiples of 1/100 in float32


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_cutmix_pastes_the_same_stretch_of_time_from_the_partner(shape):
    clips, targets, draws, partner = batch(6, shape=shape)
    after, _ = mixed(cutmix, (clips, targets, draws, partner), range(6), MixConfig(alpha=2.5))
    for row in range(6):
        rest = tuple(range(len(shape) - 1))
        changed = (after[row] != clips[row]).numpy().any(axis=rest).nonzero()[0]
        if len(changed):
            start, width = int(changed[0]), int(changed[-1] - changed[0]) + 1
            own, other = clips[row].numpy(), clips[partner[row]].numpy()
            assert np.array_equal(after[row], augment_slow.cutmix(own, other, start, width))


@pytest.mark.parametrize("mix", [mixup, cutmix])
@given(seed=st.integers(0, 1000))
def test_label_mass_is_conserved_when_mixed_by_weight(mix, seed):
    clips, targets, draws, partner = batch(5, seed)
    _, labels = mixed(mix, (clips, targets, draws, partner), range(5))
    assert torch.allclose(labels.sum(dim=1), torch.ones(5), atol=1e-6)


@pytest.mark.parametrize("mix", [mixup, cutmix])
@given(seed=st.integers(0, 1000))
def test_union_labels_are_the_maximum_and_never_above_1(mix, seed):
    clips, targets, draws, partner = batch(5, seed)
    _, labels = mixed(mix, (clips, targets, draws, partner), range(5), MixConfig(labels="union"))
    assert labels.max() <= 1.0
    assert (labels >= targets).all()


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_silence_and_clipping_stay_finite(mix):
    clips, targets, draws, partner = batch(4)
    clips[0], clips[1] = 0.0, 1.0
    after, labels = mixed(mix, (clips, targets, draws, partner), range(4))
    assert torch.isfinite(after).all()
    assert torch.isfinite(labels).all()


def test_clips_without_a_call_are_mixed_only_when_asked():
    partner = np.array([1, 0, 3, 2, 4])
    has_call = torch.tensor([True, True, True, False, True])
    assert mixable(range(5), partner, has_call, MixConfig()) == [0, 1]
    assert mixable(range(5), partner, has_call, MixConfig(with_no_call=True)) == [0, 1, 2, 3]


def test_mixup_and_cutmix_have_partners_of_their_own():
    draws = Draws(0, 0, tuple(range(40)), CPU)
    assert not np.array_equal(partners(draws, "mixup", 8), partners(draws, "cutmix", 8))


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_each_clip_has_a_weight_and_a_partner_of_its_own(name):
    """In the reference recipe both paired neighbours, with one lambda for the whole batch."""
    draws = Draws(0, 0, tuple(range(64)), CPU)
    weights = draws.beta(f"{name}-weight", 2.5)
    assert len(set(weights.tolist())) == 64
    steps = (partners(draws, name, 64) - np.arange(64)) % 64
    assert 0 not in steps
    assert len(set(steps.tolist())) > 16
