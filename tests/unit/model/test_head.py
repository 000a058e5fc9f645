import torch
from torch import nn

from oscine.model.head import Head, carry_over


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
