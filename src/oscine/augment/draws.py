"""Random draws for a batch: each clip's are a function of (seed, epoch, its position).

Nothing here depends on which clips share the batch, on its size, or on the device: a clip is
augmented alike on any number of workers and devices, and after a resume.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import betaincinv
from torch import Tensor

from oscine.core import generator, seed_for, uniforms

Floats = NDArray[np.float64]

NOISE_LENGTH = 1 << 22
"""Numbers in a table of noise: 16 MB, two minutes at 32 kHz. A clip's noise starts at a place drawn
for it; new numbers for each clip cost more than its features (3 ms against 1)."""


@dataclass(frozen=True)
class Draws:
    """The draws that belong to the clips of one batch.

    Args:
        seed: The recipe's seed.
        epoch: Counted from 0.
        positions: Each clip's position in the epoch's order, counted from 0, ascending.
        device: Where tensors are made.
    """

    seed: int
    epoch: int
    positions: tuple[int, ...]
    device: torch.device

    def values(self, stream: str, n: int = 1) -> Floats:
        """Draw `n` numbers from [0, 1) for each clip, shape [batch, n]."""
        return uniforms(self._key(stream), self.positions, n)

    def between(self, stream: str, low: float, high: float) -> Floats:
        """Draw one number from [low, high) for each clip, shape [batch]."""
        return low + self.values(stream)[:, 0] * (high - low)

    def beta(self, stream: str, alpha: float) -> Floats:
        """Draw one Beta(alpha, alpha) number for each clip, shape [batch]."""
        drawn: Floats = betaincinv(alpha, alpha, self.values(stream)[:, 0])
        return drawn

    def coins(self, stream: str, probability: float) -> NDArray[np.bool_]:
        """Toss one coin for each clip, shape [batch]."""
        return self.values(stream)[:, 0] < probability

    def tensor(self, values: NDArray[np.generic]) -> Tensor:
        """Bring drawn numbers to the device, as float32, integers or booleans."""
        kept = values.astype(np.float32) if values.dtype == np.float64 else values
        return torch.from_numpy(kept).to(self.device)

    def partners(self, stream: str, group: int) -> NDArray[np.int64]:
        """Draw a partner for each clip: a random cycle through each group of positions.

        A group is `group` positions that follow each other in the epoch, so that who meets whom
        does not depend on the batch size, as long as batches hold whole groups.

        Returns:
            Rows of the batch, shape [batch]; a clip that is alone in its group has itself.
        """
        groups = np.asarray(self.positions) // group
        cycle = np.lexsort((self.values(stream)[:, 0], groups))
        first = np.searchsorted(groups, groups[cycle], side="left")
        end = np.searchsorted(groups, groups[cycle], side="right")
        place = np.arange(len(cycle)) + 1
        partner = np.empty_like(cycle)
        # The last of a group is followed by its first.
        partner[cycle] = cycle[np.where(place == end, first, place % len(cycle))]
        return partner

    def noise(self, stream: str, row: int, n: int, slope: float = 0.0) -> Tensor:
        """Draw `n` numbers of noise, of mean 0 and spread 1, for the clip in one row of the batch.

        Args:
            stream: What they are for.
            row: Row of the batch.
            n: How many, up to `NOISE_LENGTH`.
            slope: The power falls with frequency**slope: 0 white, 1 pink, 2 brown.

        Returns:
            float32, shape [n].
        """
        place, sign = uniforms(self._key(stream), self.positions[row : row + 1], 2)[0]
        start = int(place * (NOISE_LENGTH - n + 1))
        stretch = noise_table(self.seed, slope, self.device)[start : start + n]
        return stretch if sign < 0.5 else -stretch

    def _key(self, stream: str) -> int:
        return seed_for(self.seed, stream, self.epoch)


@lru_cache(maxsize=8)
def noise_table(seed: int, slope: float, device: torch.device) -> Tensor:
    """Make a table of Gaussian noise whose power falls with frequency**slope.

    Args:
        seed: The recipe's seed.
        slope: 0 white, 1 pink, 2 brown, -1 blue, -2 violet.
        device: Where it shall be; its values are made on the CPU, so that devices agree.

    Returns:
        float32 of mean 0 and spread 1, shape [NOISE_LENGTH].

    Source: Timmer and Koenig (1995), "On generating power law noise".
    """
    white = generator(seed, "noise table").standard_normal(NOISE_LENGTH, dtype=np.float32)
    if slope:
        spectrum = np.fft.rfft(white)
        spectrum[0] = 0.0
        spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2.0)
        white = np.fft.irfft(spectrum).astype(np.float32)
    return torch.from_numpy((white - white.mean()) / white.std()).to(device)
