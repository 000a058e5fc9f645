"""Which of a fit's processes this one is, and what share of the work is its own.

A fit on several devices has a process for each. They are numbered from 0 (their *rank*); the first
alone writes files, logs and shows progress. Without torch, since a run without a fit needs none.

Source: the environment variables of torchrun, which other launchers set too; those of SLURM's srun.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TORCHRUN = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK")
"""Variables of torchrun: this process, all, both on this machine, and the machine."""

SRUN = ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NNODES", "SLURM_NODEID")
"""Variables of srun: this process, all, this one on its machine, machines, and the machine."""


@dataclass(frozen=True)
class World:
    """The processes of a fit, seen from one of them.

    Args:
        rank: Number of this process.
        size: How many processes there are, on all machines.
        local_rank: Number of this process on its machine.
        local_size: How many processes each machine has.
        machine: Number of this machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    machine: int = 0

    @classmethod
    def here(cls) -> World:
        """Read from the environment which process this is; alone where no launcher started it."""
        environment = os.environ
        if "RANK" in environment and "WORLD_SIZE" in environment:
            rank, size, local_rank, local_size, machine = _numbers(environment, TORCHRUN)
            return cls(rank, size, local_rank, local_size or size, machine)
        # A script of sbatch has the numbers of tasks too; only a step of srun has that many.
        if "SLURM_STEP_ID" in environment:
            rank, size, local_rank, machines, machine = _numbers(environment, SRUN)
            return cls(rank, size, local_rank, size // max(1, machines), machine)
        return ALONE

    @property
    def first(self) -> bool:
        """Whether this process writes and logs for all."""
        return self.rank == 0

    @property
    def machines(self) -> int:
        """How many machines there are."""
        return self.size // self.local_size

    def variables(self) -> dict[str, str]:
        """Give the environment variables that say the same, as torchrun has them."""
        values = (self.rank, self.size, self.local_rank, self.local_size, self.machine)
        return dict(zip(TORCHRUN, map(str, values), strict=True))

    def share(self, n: int, group: int = 1) -> range:
        """Give this process's share of `n` things in a row.

        Args:
            n: How many there are.
            group: Things that stay together: so many that follow each other, from the first on.

        Returns:
            Places that follow each other; the shares of all processes make up the whole, and differ
            by a group at most.

        Example:
            >>> World(rank=0, size=2, local_size=2).share(10, group=4)
            range(0, 4)
            >>> World(rank=1, size=2, local_size=2).share(10, group=4)
            range(4, 10)
        """
        groups = -(-n // group)
        begin, end = (group * (groups * place // self.size) for place in (self.rank, self.rank + 1))
        return range(min(n, begin), min(n, end))


ALONE = World()
"""One process, without others."""


def _numbers(environment: Mapping[str, str], names: Sequence[str]) -> list[int]:
    return [int(environment.get(name, 0)) for name in names]
