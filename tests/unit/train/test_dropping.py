from __future__ import annotations

import pytest
import torch
from timm.layers.drop import DropPath
from torch import nn

from oscine.augment.draws import Draws
from oscine.train.dropping import DropsByClip

N_CLIPS = 400


def draws(positions, epoch=0):
    return Draws(7, epoch, tuple(positions), torch.device("cpu"))


def dropped(layer, values, positions, epoch=0):
    with DropsByClip(draws(positions, epoch)):
        return layer(values)


LAYERS = {
    "dropout": nn.Dropout(0.25),
    "drop path": DropPath(0.25),
    "one after the other": nn.Sequential(nn.Dropout(0.25), nn.Dropout(0.25), DropPath(0.25)),
}


@pytest.fixture(params=LAYERS)
def layer(request):
    return LAYERS[request.param].train()


def test_shares_of_a_batch_drop_what_the_whole_drops(layer):
    values = torch.rand(N_CLIPS, 6) + 1.0
    whole = dropped(layer, values, range(N_CLIPS))
    shares = [
        dropped(layer, values[share], range(N_CLIPS)[share])
        for share in (slice(0, 150), slice(150, N_CLIPS))
    ]
    assert torch.equal(torch.cat(shares), whole)
    assert not torch.equal(dropped(layer, values, range(N_CLIPS), epoch=1), whole)


def test_a_quarter_is_dropped_and_the_mean_is_kept():
    values = torch.ones(N_CLIPS, 50)
    for layer in (LAYERS["dropout"], LAYERS["drop path"]):
        kept = dropped(layer.train(), values, range(N_CLIPS))
        assert (kept == 0).float().mean().item() == pytest.approx(0.25, abs=0.07)
        assert kept.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_drop_path_drops_whole_clips():
    kept = dropped(LAYERS["drop path"].train(), torch.ones(N_CLIPS, 50), range(N_CLIPS))
    assert all(len(row.unique()) == 1 for row in kept)


def test_layers_do_not_drop_the_same():
    two = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5)).train()
    kept = dropped(two, torch.ones(N_CLIPS, 50), range(N_CLIPS))
    assert (kept > 0).float().mean().item() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_the_ends_keep_all_and_nothing(p):
    values = torch.ones(3, 4)
    assert torch.equal(dropped(nn.Dropout(p).train(), values, range(3)), values * (1.0 - p))


def test_in_evaluation_nothing_is_dropped(layer):
    values = torch.rand(5, 6)
    assert torch.equal(dropped(layer.eval(), values, range(5)), values)


def test_the_gradient_passes_where_values_are_kept():
    values = torch.ones(4, 50, requires_grad=True)
    kept = dropped(nn.Dropout(0.25).train(), values, range(4))
    kept.sum().backward()
    assert torch.equal(values.grad, kept.detach())


def test_what_is_no_batch_is_left_to_torch():
    torch.manual_seed(1)
    own = nn.Dropout(0.5).train()(torch.ones(9))
    torch.manual_seed(1)
    assert torch.equal(dropped(nn.Dropout(0.5).train(), torch.ones(9), range(4)), own)


def test_a_process_without_clips_drops_nothing():
    assert dropped(nn.Dropout(0.5).train(), torch.ones(0, 4), ()).shape == (0, 4)
