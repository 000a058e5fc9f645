"""How much is done for a window: which bundles hear it, at which shifts, and whether at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Level:
    """What is done for the windows of a recording.

    Args:
        members: Places of the bundles that score them, ascending.
        shifts: Shifts at which they are heard too, samples.
        stride: 2 scores every second window, and so on; a recording's last is always scored.
    """

    members: tuple[int, ...]
    shifts: tuple[int, ...] = ()
    stride: int = 1

    @property
    def n_takes(self) -> int:
        """How often each bundle hears a window."""
        return 1 + len(self.shifts)


def ladder(
    full: Level, worth: Sequence[float], knows: NDArray[np.bool_], max_stride: int
) -> tuple[Level, ...]:
    """List what is done with ever less time: first fewer shifts, then bundles, then windows.

    Args:
        full: All that the settings ask for.
        worth: How good each bundle is by itself; of equals the one given later is left out first.
        knows: Which bundle knows which class, shape [n_members, n_classes]. A bundle that alone
            knows a class stays.
        max_stride: The greatest stride at which windows still cover the whole recording.

    Returns:
        Levels from `full` to the least that scores every class all along a recording; each leaves
        out one thing more than the one before.

    Example:
        >>> steps = ladder(Level((0, 1), (-9, 9)), [0.7, 0.8], np.ones((2, 3), bool), max_stride=3)
        >>> [(one.members, one.shifts, one.stride) for one in steps][2:]
        [((0, 1), (), 1), ((1,), (), 1), ((1,), (), 2), ((1,), (), 3)]
    """
    levels = [full]
    for shift in sorted(full.shifts, key=abs, reverse=True):
        left = tuple(one for one in levels[-1].shifts if one != shift)
        levels.append(replace(levels[-1], shifts=left))
    for worst in sorted(full.members, key=lambda member: (worth[member], -member)):
        rest = tuple(one for one in levels[-1].members if one != worst)
        if rest and knows[list(rest)].any(axis=0).all():
            levels.append(replace(levels[-1], members=rest))
    levels += [replace(levels[-1], stride=stride) for stride in _strides(max_stride)]
    return tuple(levels)


def _strides(greatest: int) -> Iterator[int]:
    """Double from 2 on, and end with the greatest."""
    stride = 2
    while stride < greatest:
        yield stride
        stride *= 2
    if greatest > 1:
        yield greatest


def left_out(
    full: Level, done: Iterable[frozenset[Level]], names: Sequence[str], overlap: str
) -> dict[str, int]:
    """Count recordings by what was left out in them.

    Args:
        full: All that was asked for.
        done: What was done for the windows of each recording.
        names: Names of the bundles.
        overlap: Name of the overlap of windows.

    Returns:
        What -> in how many recordings, whether in some windows or in all of them.
    """
    counts: Counter[str] = Counter()
    for levels in done:
        if any(len(one.shifts) < len(full.shifts) for one in levels):
            counts["shifts"] += 1
        for member in full.members:
            if any(member not in one.members for one in levels):
                counts[names[member]] += 1
        if any(one.stride > 1 for one in levels):
            counts[overlap] += 1
    return dict(counts)
