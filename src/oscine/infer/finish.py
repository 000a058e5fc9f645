"""Raw scores of a recording -> its rows of the scores table and of the detections, by settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.audio.clock import recorded_at
from oscine.infer.averaging import Ranks, average
from oscine.infer.config import ScoringConfig
from oscine.infer.decisions import Decisions
from oscine.infer.events import BLOCK_WINDOWS, RawScores
from oscine.infer.postprocess import (
    detect,
    merge_events,
    reached,
    row_means,
    row_spans,
    scale_by_file,
    smooth,
    windows_over,
)
from oscine.infer.tables import FOUND, Found, Rows, detections_table, path_text, scores_table
from oscine.model.bundle import SpeciesInfo

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Finished:
    """What a recording comes to.

    Args:
        scores: One row a window, or a row of the grid that the settings ask for: filepath,
            start_s, end_s and one column a species code.
        detections: Columns as `DETECTIONS`; events, if the settings ask for them.
    """

    scores: pl.DataFrame
    detections: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Block:
    """What a stretch of a recording comes to.

    Args:
        rows: Its rows of the scores table.
        found: Its detections, not joined to events yet.
    """

    rows: Rows
    found: Found


class Finisher:
    """Finishes recordings of one scan: averages over bundles and then over windows, and so on.

    Args:
        species: The classes, in the order of the scores.
        decisions: Thresholds and calibration of the bundles.
        config: Settings.
    """

    def __init__(
        self, species: Sequence[SpeciesInfo], decisions: Decisions, config: ScoringConfig
    ) -> None:
        self.species = species
        self.decisions = decisions
        self.config = config

    def __call__(self, raw: RawScores, ranks: Ranks | None = None) -> Finished:
        """Finish a recording at once.

        Args:
            raw: Its scores.
            ranks: Ranks among all windows of a scan; None: among those of this recording.

        Returns:
            Its rows of the tables.
        """
        blocks = list(self.blocks(raw, ranks))
        scores = scores_table([block.rows for block in blocks], self.species)
        found = self.join([block.found for block in blocks])
        return Finished(scores, detections_table([(path_text(raw.path), found)], self.species))

    def blocks(self, raw: RawScores, ranks: Ranks | None = None) -> Iterator[Block]:
        """Finish a recording block by block; to the bit the same however long blocks are."""
        if not len(raw.start_s):
            return
        filepath, began = path_text(raw.path), recorded_at(raw.path)
        one = _Recording(raw, ranks, self.config)
        for first, last in _blocks(len(one.start_s)):
            scores = one.scaled(first, last)
            written = self.decisions.calibrate(scores) if self.config.calibrate else scores
            rows = Rows(filepath, one.start_s[first:last], one.end_s[first:last], written)
            yield Block(rows, detect(rows, self._detected(scores, written), began))

    def join(self, blocks: Sequence[Found]) -> Found:
        """Join the detections of a recording's blocks, to events if the settings ask for them."""
        found, config = np.concatenate([np.empty(0, dtype=FOUND), *blocks]), self.config
        if config.merge_gap_s is None:
            return found
        return merge_events(found, config.merge_gap_s, config.min_event_s)

    def _detected(self, scores: Floats, written: Floats) -> NDArray[np.bool_]:
        if self.config.bundle_thresholds and self.config.keeps_scale:
            return self.decisions.detected(scores, self.config.threshold, written)
        return written >= self.config.threshold


class _Recording:
    """The rows of one recording; any stretch of them can be asked for, and is worked out anew."""

    def __init__(self, raw: RawScores, ranks: Ranks | None, config: ScoringConfig) -> None:
        self.raw = raw
        self.config = config
        self.start_s, self.end_s = raw.start_s, raw.end_s
        if config.row_s is not None:
            self.start_s, self.end_s = row_spans(float(raw.end_s[-1]), config.row_s)
        self._ranks = ranks
        if config.average == "rank" and ranks is None:
            self._ranks = rank([raw])

    def averaged(self, first: int, last: int) -> Floats:
        """Average over the bundles, for windows."""
        scores, config = self.raw.between(first, last), self.config
        if config.average == "rank" and self._ranks is not None:
            scores = self._ranks.of(scores)
        return average(scores, config.average)

    def laid_out(self, first: int, last: int) -> Floats:
        """Average over the windows of each row."""
        if self.config.row_s is None:
            return self.averaged(first, last)
        row_s, row_start_s, raw = self.config.row_s, self.start_s[first:last], self.raw
        over = windows_over(raw.start_s, raw.end_s, row_start_s, row_s)
        # One window more on either side: the nearest to a row without any may lie there.
        low, high = max(0, int(over[0][0]) - 1), min(len(raw.start_s), int(over[1][-1]) + 1)
        scores = self.averaged(low, high)
        return row_means(raw.start_s[low:high], raw.end_s[low:high], scores, row_start_s, row_s)

    def smoothed(self, first: int, last: int) -> Floats:
        """Average over neighbouring rows, which may be of the blocks beside."""
        reach = len(self.config.smoothing) // 2
        low, high = max(0, first - reach), min(len(self.start_s), last + reach)
        return smooth(self.laid_out(low, high), self.config.smoothing)[first - low : last - low]

    def scaled(self, first: int, last: int) -> Floats:
        """Scale by what each class reaches in the recording."""
        scores = self.smoothed(first, last)
        return scores if self._reached is None else scale_by_file(scores, self._reached)

    @cached_property
    def _reached(self) -> NDArray[Any] | None:
        statistic = self.config.file_prior
        if statistic == "none":
            return None
        every = (self.smoothed(first, last) for first, last in _blocks(len(self.start_s)))
        return reached(every, statistic)


def _blocks(n: int) -> Iterator[tuple[int, int]]:
    for first in range(0, n, BLOCK_WINDOWS):
        yield first, min(n, first + BLOCK_WINDOWS)


def rank(recordings: Iterable[RawScores]) -> Ranks:
    """Count the scores of recordings, one at least, for their ranks among all of these."""
    ranks: Ranks | None = None
    for raw in recordings:
        for first, last in _blocks(len(raw.start_s)):
            scores = raw.between(first, last)
            ranks = ranks or Ranks(*scores.shape[1:])
            ranks.add(scores)
    assert ranks is not None
    return ranks
