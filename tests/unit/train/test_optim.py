import itertools

import pytest
import torch

from oscine.train.config import OptimizerConfig
from oscine.train.optim import learning_rate, make_optimizer


def rates(steps_per_epoch=10, epochs=20, **change):
    config = OptimizerConfig(**{"learning_rate": 1.0, **change})
    return [
        learning_rate(s, steps_per_epoch, epochs, config) for s in range(steps_per_epoch * epochs)
    ]


def test_warm_up_rises_linearly_to_the_peak():
    assert rates(warmup_epochs=2)[:20] == pytest.approx([(n + 1) / 20 for n in range(20)])


def test_warm_up_takes_a_quarter_of_the_epochs_at_most():
    assert rates(epochs=4, warmup_epochs=5)[9] == pytest.approx(1.0)


def test_cosine_falls_from_the_peak_to_its_last_fraction():
    values = rates(warmup_epochs=0, schedule="cosine", final_fraction=0.1)
    assert values[0] == pytest.approx(1.0)
    assert values[-1] == pytest.approx(0.1)
    assert all(a >= b for a, b in itertools.pairwise(values))


def test_step_drops_by_its_factor_every_few_epochs():
    values = rates(warmup_epochs=0, schedule="step", step_epochs=5, step_factor=0.5)
    assert [values[n] for n in (0, 49, 50, 100, 150)] == [1.0, 1.0, 0.5, 0.25, 0.125]


def test_exponential_ends_at_its_last_fraction():
    assert rates(warmup_epochs=0, schedule="exponential", final_fraction=0.01)[-1] == (
        pytest.approx(0.01)
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_the_named_optimizer_is_built_with_its_weight_decay(name, kind):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = make_optimizer([parameter], OptimizerConfig(name=name, weight_decay=0.3))
    assert type(optimizer) is kind
    assert optimizer.param_groups[0]["weight_decay"] == 0.3
