import pytest
import torch
from torch import nn

from oscine.core import ArtifactError
from oscine.train import checkpoint
from oscine.train.checkpoint import Progress


def trained(seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(3):
        step(model, optimizer)
    return model, optimizer


def step(model, optimizer):
    model(torch.linspace(0, 1, 15).reshape(5, 3)).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


def test_a_restored_fit_takes_the_next_step_to_the_same_bits(tmp_path):
    model, optimizer = trained(0)
    average = {"0.weight": torch.rand(4, 3)}
    progress = Progress(epoch=3, loss_sum=0.1 + 0.2, history=[{"epoch": 0, "pr_auc": None}])
    checkpoint.save(tmp_path / "s.safetensors", progress, model, optimizer, average)
    other, other_optimizer = trained(1)
    restored_average = {}
    restored = checkpoint.load(tmp_path / "s.safetensors", other, other_optimizer, restored_average)
    step(model, optimizer)
    step(other, other_optimizer)
    assert restored == progress
    assert torch.equal(restored_average["0.weight"], average["0.weight"])
    for name, value in model.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


def test_a_restored_state_lies_in_memory_as_its_parameter_does(tmp_path):
    """A fused step goes through memory, whatever the strides say."""

    def convolution(seed):
        torch.manual_seed(seed)
        model = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
        return model, torch.optim.Adam(model.parameters(), lr=1e-2, fused=True)

    def go_on(model, optimizer):
        image = torch.linspace(0, 1, 75).reshape(1, 3, 5, 5)
        model(image.to(memory_format=torch.channels_last)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    model, optimizer = convolution(0)
    go_on(model, optimizer)
    checkpoint.save(tmp_path / "s.safetensors", Progress(), model, optimizer, {})
    other, other_optimizer = convolution(1)
    checkpoint.load(tmp_path / "s.safetensors", other, other_optimizer, {})
    go_on(model, optimizer)
    go_on(other, other_optimizer)
    assert torch.equal(model.weight, other.weight)


def test_progress_can_be_read_without_the_tensors(tmp_path):
    path = tmp_path / "s.safetensors"
    assert checkpoint.read_progress(path) is None
    checkpoint.save(path, Progress(fingerprint="x", epoch=2), *trained(0), {})
    assert checkpoint.read_progress(path).epoch == 2


def test_a_damaged_checkpoint_is_a_typed_error(tmp_path):
    path = tmp_path / "s.safetensors"
    path.write_bytes(b"x" * 100)
    assert checkpoint.read_progress(path) is None
    with pytest.raises(ArtifactError, match="damaged checkpoint"):
        checkpoint.load(path, *trained(0), {})
