"""Which recordings an epoch hears, and in which order: shuffled or drawn by weight, within caps.

A cap bounds how often an epoch hears one recording, or one recordist, for one class: where many
clips are cut from a file, or one person recorded most of a species, the model would else learn the
file or the person. The clips that a cap leaves out are others in each epoch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.audio import epoch_order, weighted_order
from oscine.catalog import (
    TrainingPart,
    components,
    downsample,
    inverse_power_weights,
    key_values,
    upsample,
)
from oscine.core import generator
from oscine.train.config import SamplingConfig


def resample(part: TrainingPart, config: SamplingConfig, seed: int) -> TrainingPart:
    """Fill rare classes up and cut common ones down, once for all epochs.

    Args:
        part: The training part.
        config: The thresholds.
        seed: The recipe's seed.
    """
    if config.upsample is not None:
        part = upsample(part, config.upsample, seed)
    if config.downsample is not None:
        part = downsample(part, config.downsample, seed)
    return part


class Cap(NamedTuple):
    """The most draws of an epoch that may share a number.

    Args:
        owner: A number for each row, from 0.
        most: Draws for each number.
    """

    owner: NDArray[np.int64]
    most: int


class EpochSampler:
    """The rows that each epoch hears: a function of (seed, epoch), equally many in every epoch.

    Shuffling hears a row at most once, so caps shorten the epoch. Drawing by weight has
    replacement: what a cap refuses is drawn again, from the same class as long as it has recordings
    below their cap, then from the others; the epoch is shorter only where all are at their cap.

    Args:
        table: The training part, resampled already: primary_label, xc_id, author.
        config: Weights and caps.
        seed: The recipe's seed.
    """

    def __init__(self, table: pl.DataFrame, config: SamplingConfig, seed: int) -> None:
        self.n_rows = len(table)
        self.seed = seed
        self.label = _numbers(table["primary_label"])
        self.caps = _caps(table, config)
        self.weights: NDArray[np.float64] | None = None
        self._n = int(self._within(np.arange(self.n_rows)).sum())
        if config.weight_power is not None:
            self.weights = inverse_power_weights(table["primary_label"], config.weight_power)
            self._n = min(self.n_rows, self._room())

    def __len__(self) -> int:
        return self._n

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Give the row at each position of an epoch.

        Args:
            epoch: Which epoch, from 0.

        Returns:
            Row numbers, as many as the sampler is long.
        """
        if self.weights is not None:
            return self._drawn(self.weights, epoch)
        order = epoch_order(self.n_rows, self.seed, epoch)
        return order[self._within(order)]

    def _drawn(self, weights: NDArray[np.float64], epoch: int) -> NDArray[np.int64]:
        order = weighted_order(weights, self._n, self.seed, epoch)
        by_label = np.argsort(self.label, kind="stable")
        of_class = np.bincount(self.label, weights)
        random = generator(self.seed, "capped-order", epoch)
        # Each round fills some of what is free, and what is filled stays, so this comes to an end.
        while not (kept := self._within(order)).all():
            free = by_label[self._below(order[kept])[by_label]]
            n_free = np.bincount(self.label[free], minlength=len(of_class))
            label = self.label[order[~kept]]
            full = n_free[label] == 0
            share = np.where(n_free > 0, of_class, 0.0)
            label[full] = random.choice(len(share), int(full.sum()), p=share / share.sum())
            first = np.cumsum(n_free) - n_free
            order[~kept] = free[first[label] + random.integers(n_free[label])]
        return order

    def _within(self, order: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the draws that the caps let pass, the earlier ones first."""
        kept = np.ones(len(order), dtype=bool)
        for owner, most in self.caps:
            places = np.flatnonzero(kept)
            kept[places] = _occurrences(owner[order[places]]) < most
        return kept

    def _below(self, drawn: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the rows of which one more may be drawn."""
        free = np.ones(self.n_rows, dtype=bool)
        for owner, most in self.caps:
            free &= (np.bincount(owner[drawn], minlength=self.n_rows) < most)[owner]
        return free

    def _room(self) -> int:
        """Count the draws that the caps allow if rows may repeat."""
        if not self.caps:
            return self.n_rows
        first, *wider = self.caps
        _, rows = np.unique(first.owner, return_index=True)
        room = np.full(len(rows), first.most)
        for owner, most in wider:
            room = np.minimum(np.bincount(owner[rows], room), most)
        return int(room.sum())


def count_batches(n_clips: int, batch_size: int, drop_remainder: bool) -> int:
    """Count the batches of an epoch; an epoch smaller than one batch is never dropped.

    Example:
        >>> count_batches(70, 32, drop_remainder=True), count_batches(70, 32, drop_remainder=False)
        (2, 3)
    """
    return max(1, n_clips // batch_size) if drop_remainder else -(-n_clips // batch_size)


def _caps(table: pl.DataFrame, config: SamplingConfig) -> list[Cap]:
    """Number recordings and recordists by class, the narrower cap first.

    Whoever shares a recording counts as one recordist, and a recording whose recordist is not
    stated has one of its own: so each recording belongs to one recordist, and what the caps let
    pass is equally much in whatever order they see it.
    """
    if config.max_per_recording is None and config.max_per_recordist is None:
        return []
    recording, recordist = (
        table.select(
            pl.concat_str("primary_label", key_values(table, key), separator="\n")
        ).to_series()
        for key in ("recording", "recordist")
    )
    found = []
    if config.max_per_recording is not None:
        found.append(Cap(_numbers(recording), config.max_per_recording))
    if config.max_per_recordist is not None:
        people = components([recording, recordist], len(table))
        found.append(Cap(people, config.max_per_recordist))
    return found


def _numbers(values: pl.Series) -> NDArray[np.int64]:
    """Number equal values from 0."""
    return (values.rank("dense").cast(pl.Int64) - 1).to_numpy()


def _occurrences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count how often each value stood before.

    Example:
        >>> _occurrences(np.array([5, 3, 5, 5, 3]))
        array([0, 0, 1, 2, 1])
    """
    places = np.argsort(values, kind="stable")
    ordered = values[places]
    first = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    before = np.repeat(first, np.diff(first, append=len(values)))
    counts = np.empty(len(values), dtype=np.int64)
    counts[places] = np.arange(len(values)) - before
    return counts
