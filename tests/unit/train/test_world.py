from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscine.train.world import ALONE, SRUN, TORCHRUN, World


@pytest.fixture
def launched(monkeypatch):
    """Give a process the variables of a launcher, and no others."""

    def launch(**variables):
        for name in (*TORCHRUN, *SRUN, "SLURM_STEP_ID"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return launch


def test_without_a_launcher_a_process_is_alone(launched):
    launched()
    assert World.here() == ALONE
    assert ALONE.first
    assert ALONE.machines == 1


def test_torchrun_says_which_process_this_is(launched):
    world = World(rank=3, size=4, local_rank=1, local_size=2, machine=1)
    launched(**world.variables())
    assert World.here() == world
    assert world.machines == 2
    assert not world.first


def test_a_step_of_srun_says_it_too(launched):
    numbers = zip(SRUN, ("5", "8", "1", "2", "1"), strict=True)
    launched(**dict(numbers), SLURM_STEP_ID="0")
    assert World.here() == World(rank=5, size=8, local_rank=1, local_size=4, machine=1)


def test_a_batch_script_of_slurm_is_one_process_however_many_tasks_it_may_start(launched):
    launched(SLURM_NTASKS="8", SLURM_PROCID="0", SLURM_NNODES="2")
    assert World.here() == ALONE


@given(st.integers(0, 200), st.integers(1, 9), st.integers(1, 8))
def test_the_shares_of_all_are_the_whole_and_part_no_group(n, size, group):
    shares = [World(rank=rank, size=size, local_size=size).share(n, group) for rank in range(size)]
    assert list(chain.from_iterable(shares)) == list(range(n))
    assert all(share.start % group == 0 or share.start == n for share in shares)
    lengths = [-(-len(share) // group) for share in shares]
    assert max(lengths) - min(lengths) <= 1
