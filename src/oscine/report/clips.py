"""The worst out-of-fold clips as their recordings have them, and sound as an address in a page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray

from oscine.audio.decode import read
from oscine.core import AudioError, RemoteError
from oscine.evaluate import rank_by_margin
from oscine.report.out_of_fold import read_scores
from oscine.report.run import Run

SAMPLE_RATE = 32_000
"""Rate of the sound in the page, Hz: what MP3 knows and birds need."""
LONGEST_S = 10.0
"""How much of a recording stands in the page, from its clip's start, s."""
SHORTEST_S = 3.0
"""A clip shorter than this is heard with what follows it, s."""


@dataclass(frozen=True)
class Mistake:
    """A clip that was taken for another species.

    Args:
        row: Its row of `misrecognised`.
        truth: Name of its label.
        heard: Name of what it was taken for.
        waveform: What is heard of it, mono, at SAMPLE_RATE; None: its file cannot be read.
    """

    row: dict[str, Any]
    truth: str
    heard: str
    waveform: NDArray[np.float32] | None

    @property
    def start_s(self) -> float:
        """Where in its recording it starts, s."""
        return float(self.row.get("start_s") or 0.0)


def mistakes(run: Run, stage: str, n: int) -> Iterator[Mistake]:
    """Read the clips whose highest wrong score exceeds the right one most.

    Args:
        run: The run.
        stage: Whose out-of-fold scores.
        n: How many clips at most, each of another recording.

    Yields:
        The clips, worst first.
    """
    names = run.names()
    ranked = misrecognised(run, stage)
    if not ranked.is_empty():
        ranked = ranked.unique("filepath", keep="first", maintain_order=True)
    for row in ranked.head(n).iter_rows(named=True):
        start_s = row.get("start_s") or 0.0
        end_s = row.get("end_s") or math.inf
        length_s = min(LONGEST_S, max(SHORTEST_S, end_s - start_s))
        try:
            waveform = read(row["filepath"], SAMPLE_RATE, start_s, length_s)
        except (AudioError, RemoteError, OSError):
            waveform = None
        truth, heard = (names.get(row[key], row[key]) for key in ("primary_label", "predicted"))
        yield Mistake(row, truth, heard, waveform)


def misrecognised(run: Run, stage: str) -> pl.DataFrame:
    """Order out-of-fold rows by how far the highest wrong score exceeds the right one.

    Args:
        run: The run.
        stage: Whose out-of-fold scores.

    Returns:
        The misrecognised rows with `predicted`, `wrong` and `right`, worst first, one a recording.

    Raises:
        ArtifactError: The scores do not fit the class list.
    """
    found = read_scores(run, stage)
    if found is None:
        return pl.DataFrame()
    return (
        rank_by_margin(found.table, found.scores, found.codes)
        .filter(pl.col("wrong") > pl.col("right"))
        .unique("recording_id", keep="first", maintain_order=True)
    )


def audio_address(waveform: NDArray[Any], sample_rate: int, *, peak: float | None = None) -> str:
    """Encode a waveform as a data address that a page can play.

    Args:
        waveform: Mono audio in [-1, 1], [n_samples].
        sample_rate: Hz.
        peak: What becomes 0.9 of full scale; None: the waveform's own.

    Returns:
        A `data:` address of MP3, or of WAV where this libsndfile cannot write MP3.
    """
    peak = float(np.abs(waveform).max(initial=0.0)) if peak is None else peak
    loud = waveform * (0.9 / peak) if peak > 0 else waveform
    kind, mime = ("MP3", "audio/mpeg")
    if "MP3" not in soundfile.available_formats():
        kind, mime = ("WAV", "audio/wav")
    stream = io.BytesIO()
    soundfile.write(stream, loud, sample_rate, format=kind)
    return f"data:{mime};base64,{base64.b64encode(stream.getvalue()).decode()}"
