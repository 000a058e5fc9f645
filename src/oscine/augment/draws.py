"""Random draws for a batch: each clip's are a function of (seed, epoch, its position)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from oscine.core import generator, seed_for


@dataclass(frozen=True)
class Draws:
    """The draws that belong to the clips of one batch.

    Args:
        seed: The recipe's seed.
        epoch: Counted from 0.
        positions: Each clip's position in the epoch's order, counted from 0.
        device: Where tensors are made.
    """

    seed: int
    epoch: int
    positions: tuple[int, ...]
    device: torch.device

    def uniform(self, stream: str, n: int = 1) -> Tensor:
        """Draw `n` numbers from [0, 1) for each clip.

        Returns:
            float32, shape [batch, n].
        """
        rows = [self._generator(stream, position).random(n) for position in self.positions]
        return self._tensor(np.stack(rows))

    def beta(self, stream: str, alpha: float) -> Tensor:
        """Draw one Beta(alpha, alpha) number for each clip.

        Returns:
            float32, shape [batch].
        """
        rows = [self._generator(stream, position).beta(alpha, alpha) for position in self.positions]
        return self._tensor(np.array(rows))

    def coins(self, stream: str, probability: float) -> Tensor:
        """Toss one coin for each clip.

        Returns:
            bool, shape [batch].
        """
        return self.uniform(stream)[:, 0] < probability

    def normal(self, stream: str, row: int, n: int) -> Tensor:
        """Draw `n` standard normal numbers for the clip in one row of the batch, on its device.

        Returns:
            float32, shape [n].
        """
        source = torch.Generator(self.device)
        source.manual_seed(seed_for(self.seed, stream, self.epoch, self.positions[row]))
        return torch.randn(n, generator=source, device=self.device)

    def partners(self, stream: str) -> Tensor:
        """Draw a partner for each clip: one permutation of the batch.

        Returns:
            int64, shape [batch].
        """
        rng = generator(self.seed, stream, self.epoch, self.positions[0])
        return torch.from_numpy(rng.permutation(len(self.positions))).to(self.device)

    def _generator(self, stream: str, position: int) -> np.random.Generator:
        return generator(self.seed, stream, self.epoch, position)

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(self.device)
