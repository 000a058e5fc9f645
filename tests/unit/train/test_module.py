import torch

import tones
from oscine.augment.augmenter import Augmenter
from oscine.augment.draws import Draws
from oscine.catalog import class_list
from oscine.model.classifier import Classifier
from oscine.train.data import Batch
from oscine.train.module import FitModule


def module(folder, activation="softmax", **change):
    job = tones.job(folder, n=2)
    shape = (1, job.spec.n_mels, job.spec.n_frames)
    model = Classifier(
        job.model.model_copy(update={"dropout": 0.5}), shape, len(class_list(job.training))
    )
    return FitModule(
        model,
        job.spec,
        config := tones.fit_config(**change),
        augmenter=Augmenter(config.augment, job.spec.sample_rate),
        seed=3,
        final_activation=activation,
        steps_per_epoch=4,
    )


def batch(n=4, readable=True):
    wave = torch.from_numpy(__import__("numpy").random.default_rng(0).standard_normal((n, 8000)))
    return Batch(
        waveforms=wave.float() * 0.1,
        targets=torch.eye(3)[torch.arange(n) % 3],
        masked=torch.zeros(n, 3),
        readable=torch.full((n,), readable),
        positions=tuple(range(n)),
        epoch=0,
        number=0,
        n_clips=n,
    )


def test_a_step_gives_the_same_bits_whatever_was_drawn_before_and_leaves_the_generator(tmp_path):
    made = module(tmp_path)
    first = made.training_step(batch(), 0)["loss"]
    torch.rand(100)
    before = torch.get_rng_state()
    second = made.training_step(batch(), 0)["loss"]
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_unreadable_clips_weigh_nothing(tmp_path):
    given = module(tmp_path).training_step(batch(readable=False), 0)
    assert given["loss"].item() == given["mean_loss"].item() == 0.0


def test_a_share_without_clips_is_a_step_whose_gradients_are_zero(tmp_path):
    """A process may have none of the last batch, and must be in step with the others."""
    made = module(tmp_path)
    made.training_step(batch(n=0), 0)["loss"].backward()
    assert not any(p.grad.any() for p in made.model.parameters())


def test_scores_are_those_of_the_final_activation(tmp_path):
    """In the reference recipe final_act did nothing."""
    made, other = (module(tmp_path, name).eval() for name in ("softmax", "sigmoid"))
    other.load_state_dict(made.state_dict())
    softmax, sigmoid = (each.score(batch().waveforms) for each in (made, other))
    assert abs(softmax.sum(axis=1) - 1).max() < 1e-5  # in float32
    odds = sigmoid / (1 - sigmoid)
    assert abs(odds / odds.sum(axis=1, keepdims=True) - softmax).max() < 1e-5


def test_the_average_follows_the_weights_and_is_swapped_in_for_evaluation(tmp_path):
    made = module(tmp_path, ema_decay=0.9)
    name = "head.dense.weight"
    made.after_step()
    start = made.model.state_dict()[name].clone()
    with torch.no_grad():
        made.model.head.dense.weight += 1.0
    made.after_step()
    # The second step's decay is 3 / 12 by the warm-up of the average.
    assert torch.allclose(made.average[name], start + 0.75, atol=1e-6)
    with made.evaluated_weights():
        assert torch.equal(made.model.state_dict()[name], made.average[name])
    assert torch.equal(made.model.state_dict()[name], start + 1.0)


def test_without_an_average_the_weights_themselves_are_evaluated(tmp_path):
    made = module(tmp_path)
    made.after_step()
    assert not made.average
    with made.evaluated_weights():
        assert made.step == 1


def test_half_precision_is_for_the_model_and_leaves_the_front_end_alone(tmp_path):
    made = module(tmp_path)
    draws = Draws(3, 0, batch().positions, torch.device("cpu"))
    plain, _, _ = made._images(batch(), draws)
    seen = []
    made.model.front.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made.training_step(batch(), 0)
    assert torch.equal(seen[0], plain)
