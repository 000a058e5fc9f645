import itertools

import pytest
import torch

from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.train.config import OptimizerConfig
from oscine.train.optim import batch_factor, learning_rate, make_optimizer


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


def test_lengths_in_steps_come_before_lengths_in_epochs():
    assert rates(warmup_epochs=5, warmup_steps=4)[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    values = rates(warmup_epochs=0, schedule="step", step_epochs=5, drop_steps=7, step_factor=0.5)
    assert [values[n] for n in (6, 7, 13, 14)] == [1.0, 0.5, 0.5, 0.25]


@pytest.mark.parametrize(("rule", "factor"), [("none", 1.0), ("linear", 4.0), ("sqrt", 2.0)])
def test_the_rule_says_how_the_rate_follows_the_batch(rule, factor):
    config = OptimizerConfig(batch_rule=rule, reference_batch=16)
    assert batch_factor(config, 64) == pytest.approx(factor)
    assert batch_factor(config, 16) == 1.0


def model():
    config = ModelConfig(backbone="test_efficientnet", pretrain="none")
    return Classifier(config, (1, 64, 64), 3)


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_the_named_optimizer_is_built_with_its_weight_decay(name, kind):
    optimizer = make_optimizer(model(), OptimizerConfig(name=name, weight_decay=0.3))
    assert type(optimizer) is kind
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.3]


def by_parameter(made, **change):
    """The group of each parameter, by its name."""
    names = {id(parameter): name for name, parameter in made.named_parameters()}
    optimizer = make_optimizer(made, OptimizerConfig(**change))
    found = {names[id(p)]: g for g in optimizer.param_groups for p in g["params"]}
    assert found.keys() == set(names.values())
    return found


def test_norms_and_biases_are_left_out_of_the_decay_if_asked():
    made = model()
    groups = by_parameter(made, weight_decay=0.1, decay_all=False)
    for name, parameter in made.named_parameters():
        assert groups[name]["weight_decay"] == (0.1 if parameter.ndim > 1 else 0.0)
    assert groups["head.dense.weight"]["weight_decay"] == 0.1
    assert groups["backbone.bn1.weight"]["weight_decay"] == 0.0


def test_rates_decay_from_the_head_to_the_stem():
    groups = by_parameter(model(), layer_decay=0.5, head_factor=3.0)
    factors = [group["rate_factor"] for group in groups.values()]
    assert factors[-1] == 3.0
    assert groups["head.dense.bias"]["rate_factor"] == 3.0
    backbone = [f for name, f in zip(groups, factors, strict=True) if name.startswith("backbone")]
    assert backbone == sorted(backbone)
    assert backbone[-1] == 0.5
    assert groups["backbone.conv_stem.weight"]["rate_factor"] == min(factors)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_a_step_over_all_cores_is_that_of_one_parameter_after_the_other(name):
    config = OptimizerConfig(name=name, weight_decay=0.01)
    models = []
    for kind in (None, {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]):
        torch.manual_seed(0)
        model = Classifier(
            ModelConfig(backbone="test_efficientnet", pretrain="none"), (1, 32, 32), 2
        )
        model = model.to(memory_format=torch.channels_last)
        slow = kind and kind(
            model.parameters(), config.learning_rate, weight_decay=0.01, foreach=False
        )
        optimizer = slow or make_optimizer(model, config)
        for seed in range(3):
            torch.manual_seed(seed)
            for parameter in model.parameters():
                parameter.grad = torch.randn_like(parameter)
            optimizer.step()
        models.append(model)
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        assert torch.allclose(one, other, atol=1e-6)  # float32, of values about 1
