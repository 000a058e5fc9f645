"""Counter-based random numbers: a draw is a function of (seed, stream, counters), never of state.

A run can then be killed anywhere and go on with the same draws, and a clip gets the same
augmentation whatever the batch size or the number of workers.

Source: Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3" (Philox).
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_for(seed: int, stream: str, *counters: int) -> int:
    """Hash a position in the run to a 63-bit seed.

    Args:
        seed: The recipe's seed.
        stream: What the draw is for, such as "crop"; different streams are independent.
        counters: Where in the run: epoch, position, ...

    Returns:
        A number in [0, 2**63).

    Example:
        >>> seed_for(42, "crop", 0, 1) == seed_for(42, "crop", 0, 1)
        True
        >>> seed_for(42, "crop", 0, 1) == seed_for(42, "crop", 1, 0)
        False
    """
    text = "/".join([str(seed), stream, *map(str, counters)])
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def generator(seed: int, stream: str, *counters: int) -> np.random.Generator:
    """Make the generator of one position in the run.

    Args:
        seed: The recipe's seed.
        stream: What the draw is for.
        counters: Where in the run: epoch, position, ...

    Returns:
        A Philox generator whose draws depend on the arguments only.
    """
    return np.random.Generator(np.random.Philox(key=seed_for(seed, stream, *counters)))
