import numpy as np
import pytest
import torch
from torch import nn

from oscine.model.head import EventHead, Head, carry_over


def test_a_neck_has_the_width_that_was_asked_for():
    """In the reference recipe neck_features did nothing."""
    assert Head(8, 3, neck_features=5).dense.weight.shape == (3, 5)
    assert Head(8, 3).dense.weight.shape == (3, 8)


def test_dropout_acts_in_training_only():
    head = Head(1000, 1, dropout=0.5)
    embedding = torch.ones(1, 1000)
    assert not torch.equal(head(embedding), head(embedding))
    head.eval()
    assert torch.equal(head(embedding), head(embedding))


def test_rows_of_shared_species_are_carried_over_by_code_and_others_are_left():
    old, new = nn.Linear(4, 3), nn.Linear(4, 3)
    before = new.weight.clone()
    carried = carry_over(new, old.weight, old.bias, ["a", "b", "c"], ["c", "x", "a"])
    assert carried == 2
    assert torch.equal(new.weight[0], old.weight[2])
    assert torch.equal(new.bias[2], old.bias[0])
    assert torch.equal(new.weight[1], before[1])


def test_a_head_of_another_width_carries_nothing_over():
    old, new = nn.Linear(5, 1), nn.Linear(4, 1)
    assert carry_over(new, old.weight, old.bias, ["a"], ["a"]) == 0


def test_an_event_head_equals_its_formula():
    """Attention over time of each class, on logits; neighbours by maximum and mean."""
    head = EventHead(4, 3).eval()
    maps = torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    clips, frames = head(maps)
    x = np.pad(maps.numpy().mean(axis=2), [(0, 0), (0, 0), (1, 1)])
    low = np.where(np.arange(8) % 7 == 0, -np.inf, x)
    around = np.stack([low[..., i : i + 3].max(-1) + x[..., i : i + 3].mean(-1) for i in range(6)])
    around = around.transpose(1, 0, 2)
    parts = {n: v.detach().numpy() for n, v in head.state_dict().items()}
    logits = around @ parts["dense.weight"].T + parts["dense.bias"]
    weight = np.exp(np.tanh(around @ parts["attention.weight"].T + parts["attention.bias"]))
    expected = (weight / weight.sum(axis=1, keepdims=True) * logits).sum(axis=1)
    assert np.allclose(frames.detach(), logits, atol=1e-5)
    assert np.allclose(clips.detach(), expected, atol=1e-5)


@pytest.mark.parametrize("neck_features", [0, 5])
def test_an_event_head_gives_a_logit_a_column_and_class(neck_features):
    clips, frames = EventHead(4, 3, neck_features, dropout=0.5)(torch.rand(2, 4, 5, 6))
    assert clips.shape == (2, 3)
    assert frames.shape == (2, 6, 3)


def test_a_call_raises_the_frames_around_it_and_no_others():
    head = EventHead(4, 3).eval()
    silence = torch.zeros(1, 4, 5, 12)
    call = silence.clone()
    call[..., 6] = 3.0
    changed = (head(call)[1] != head(silence)[1]).any(dim=2)[0]
    assert changed.nonzero().flatten().tolist() == [5, 6, 7]
