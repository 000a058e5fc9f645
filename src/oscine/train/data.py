"""Batches for a fit: read ahead on threads, in an order that is a function of (seed, epoch).

Threads and not processes: decoding and resampling release the interpreter's lock, so windows are
read on all cores without being copied between processes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oscine.audio import ReadResult, WindowReader, WindowRequest
from oscine.core import available_cores, map_ordered, track
from oscine.train.sampling import EpochSampler, count_batches
from oscine.train.targets import Targets
from oscine.train.world import ALONE, World


class Batch(NamedTuple):
    """What one step of this process sees: its share of the global batch, which may be empty.

    Shapes: `waveforms` [batch, time]; `targets` and `masked` [batch, classes]; `readable` [batch].
    `n_clips` is the size of the global batch.
    """

    waveforms: Tensor
    targets: Tensor
    masked: Tensor
    readable: Tensor
    positions: tuple[int, ...]
    epoch: int
    number: int
    n_clips: int


class TrainingBatches:
    """The batches of one training epoch, from any batch on.

    Args:
        reader: Reads windows of the training recordings, by row.
        targets: [rows, classes].
        masked: [rows, classes].
        sampler: Tells which rows an epoch hears.
        seed: The recipe's seed.
        batch_size: Clips in a batch of all processes.
        drop_remainder: Whether the last, smaller batch is left out.
        workers: Reading threads; 0: one a core.
        world: Which share of each batch is read.
        group: Clips that follow each other and are not parted.
    """

    def __init__(  # noqa: PLR0913 - one argument a fact, all named at the one call
        self,
        reader: WindowReader,
        targets: Targets,
        masked: Targets,
        *,
        sampler: EpochSampler,
        seed: int,
        batch_size: int,
        drop_remainder: bool,
        workers: int = 0,
        world: World = ALONE,
        group: int = 1,
    ) -> None:
        self.reader = reader
        self.targets = targets
        self.masked = masked
        self.sampler = sampler
        self.seed = seed
        self.batch_size = batch_size
        self.workers = workers
        self.world = world
        self.group = group
        self.n_batches = count_batches(len(sampler), batch_size, drop_remainder)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Give the row at each position of an epoch, only those that are used."""
        return self.sampler.order(epoch)[: self.n_batches * self.batch_size]

    def n_clips(self, number: int) -> int:
        """Count the clips of a batch of all processes."""
        return min(self.batch_size, len(self.sampler) - number * self.batch_size)

    def share(self, number: int) -> range:
        """Give the positions of a batch that this process reads."""
        begin = number * self.batch_size
        own = self.world.share(self.n_clips(number), self.group)
        return range(begin + own.start, begin + own.stop)

    def epoch(self, epoch: int, first_batch: int, what: str) -> EpochStream:
        """Give the batches of an epoch from `first_batch` on."""
        return EpochStream(self, epoch, first_batch, what)


class EpochStream:
    """An iterable over the batches of one epoch; counts the time that its reader waits."""

    def __init__(self, batches: TrainingBatches, epoch: int, first_batch: int, what: str) -> None:
        self.batches = batches
        self.epoch = epoch
        self.first_batch = first_batch
        self.what = what
        self.wait_s = 0.0
        self.n_readable = 0
        self._read_s: list[float] = []  # appending is safe from several threads, adding is not
        self._running: Generator[Batch] | None = None

    def __len__(self) -> int:
        return self.batches.n_batches - self.first_batch

    def __iter__(self) -> Iterator[Batch]:
        own = self._batches()
        shown = self.batches.world.first
        self._running = track(own, self.what, len(self), "batches") if shown else own
        return self._running

    @property
    def read_s(self) -> float:
        """Time that the reading threads spent, all together, while the device worked, s."""
        return sum(self._read_s)

    def close(self) -> None:
        """End the progress display; who takes the last batch does not ask for one more."""
        if self._running is not None:
            self._running.close()

    def _batches(self) -> Generator[Batch]:
        source = self.batches
        order = source.order(self.epoch)
        numbers = range(self.first_batch, source.n_batches)
        shares = [source.share(number) for number in numbers]

        def read(position: int) -> ReadResult:
            started = time.perf_counter()
            row = int(order[position])
            window = source.reader.read_training(row, source.seed, self.epoch, position)
            self._read_s.append(time.perf_counter() - started)
            return window

        ahead = read_ahead(source.batch_size // source.world.size, source.workers)
        stream = map_ordered(read, chain.from_iterable(shares), source.workers, ahead)
        for number, places in zip(numbers, shares, strict=True):
            started = time.perf_counter()
            windows = [next(stream) for _ in places]
            batch = self._assemble(windows, order[places.start : places.stop], places, number)
            self.wait_s += time.perf_counter() - started
            self.n_readable += int(batch.readable.sum())
            yield batch

    def _assemble(
        self,
        windows: list[ReadResult],
        rows: NDArray[np.int64],
        places: range,
        number: int,
    ) -> Batch:
        reader = self.batches.reader
        readable = torch.tensor([window.ok for window in windows], dtype=torch.bool)
        waveforms = np.array([window.waveform for window in windows], np.float32)
        # What could not be read has no label either, or mixing would pass one on with silence.
        return Batch(
            waveforms=torch.from_numpy(waveforms.reshape(len(places), reader.n_samples)),
            targets=torch.from_numpy(self.batches.targets[rows]) * readable[:, None],
            masked=torch.from_numpy(self.batches.masked[rows]) * readable[:, None],
            readable=readable,
            positions=tuple(places),
            epoch=self.epoch,
            number=number,
            n_clips=self.batches.n_clips(number),
        )


class EvaluationBatches:
    """The windows of every validation recording: `tta` each, spread evenly; never dropped.

    Each process goes through its share of the batches.

    Args:
        reader: Reads windows of the validation recordings, by row.
        tta: Windows for each recording.
        batch_size: Windows in a batch.
        what: What the progress display calls it.
        workers: Reading threads; 0: one a core.
        world: Which share of the batches is read.
    """

    def __init__(
        self,
        reader: WindowReader,
        tta: int,
        batch_size: int,
        what: str,
        workers: int = 0,
        world: World = ALONE,
    ) -> None:
        self.reader = reader
        self.batch_size = batch_size
        self.what = what
        self.workers = workers
        self.world = world
        self.places = [
            WindowRequest(row, start_s)
            for row, clip in enumerate(reader.clips)
            for start_s in spread_starts(clip.length_s, reader.config.window_s, tta)
        ]

    @property
    def rows(self) -> NDArray[np.int64]:
        """The recording of each window."""
        return np.array([place.index for place in self.places], dtype=np.int64)

    def __len__(self) -> int:
        return math.ceil(len(self.places) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        own = self.world.share(len(self))
        batches = self._batches(own)
        return track(batches, self.what, len(own), "batches") if self.world.first else batches

    def _batches(self, own: range) -> Iterator[tuple[Tensor, Tensor]]:
        n = self.batch_size
        stream = map_ordered(
            self.reader.read_or_mask,
            self.places[own.start * n : own.stop * n],
            self.workers,
            ahead=read_ahead(n, self.workers),
        )
        for number in own:
            places = self.places[number * n : (number + 1) * n]
            results = [next(stream) for _ in places]
            waveforms = torch.from_numpy(np.stack([result.waveform for result in results]))
            yield waveforms, torch.tensor([result.ok for result in results])


def read_ahead(batch_size: int, workers: int) -> int:
    """Give the windows that each thread may be ahead: two batches in memory, however many read.

    Example:
        >>> read_ahead(batch_size=32, workers=16)
        4
    """
    return max(2, math.ceil(2 * batch_size / (workers or available_cores())))


def spread_starts(length_s: float, window_s: float, n: int) -> list[float]:
    """Spread windows evenly over a clip, from its start to its end.

    Args:
        length_s: Length of the clip, s.
        window_s: Length of the window, s.
        n: How many; a clip no longer than the window has one.

    Returns:
        Starts, s from the clip's start.

    Example:
        >>> spread_starts(20.0, 10.0, 3)
        [0.0, 5.0, 10.0]
    """
    return sorted(set(np.linspace(0.0, max(0.0, length_s - window_s), n).tolist()))
