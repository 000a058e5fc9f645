"""How much is done for a window: which bundles hear it, at which shifts, and whether at all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """What is done for the windows of a recording.

    Args:
        members: Places of the bundles that score them, ascending.
        shifts: Shifts at which they are heard too, samples.
        stride: Every how manieth window is scored; the last of a recording always is.
    """

    members: tuple[int, ...]
    shifts: tuple[int, ...] = ()
    stride: int = 1

    @property
    def n_takes(self) -> int:
        """How often each bundle hears a window."""
        return 1 + len(self.shifts)
