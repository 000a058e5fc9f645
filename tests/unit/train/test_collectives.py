"""One process alone; several are in test_launch."""

import pytest
import torch

from oscine.core import TrainingError
from oscine.train import collectives
from oscine.train.world import ALONE, World


def test_alone_there_is_nobody_to_tell(monkeypatch):
    collectives.connect(ALONE, "cpu")
    values = torch.tensor([1.0, 2.0])
    assert collectives.n_connected() == 1
    assert collectives.total(values) is values
    assert collectives.gather("a") == ["a"]
    assert collectives.from_first("a") == "a"
    collectives.wait_for_all()
    collectives.disconnect()


def test_a_launcher_that_hides_the_first_process_is_an_error(monkeypatch):
    for name in ("MASTER_ADDR", "SLURM_STEP_ID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TrainingError, match="torchrun or srun"):
        collectives.connect(World(rank=0, size=2, local_size=2), "cpu")
