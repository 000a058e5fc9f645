"""The worst out-of-fold clips: which they are, their spectrograms, and their sound in the page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray

from oscine.audio.decode import read
from oscine.core import AudioError, RemoteError
from oscine.report.blocks import Clip, Code, Plot
from oscine.report.figures.scan import draw_spectrogram
from oscine.report.out_of_fold import read_scores
from oscine.report.run import Run

N_CLIPS = 6
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
        row: Its row of `rank_by_margin`.
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
    ranked = rank_by_margin(run, stage)
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


def worst_clips(run: Run, stage: str, n: int = N_CLIPS) -> list[Clip | Code]:
    """Show the clips whose highest wrong score exceeds the right one most.

    Args:
        run: The run.
        stage: Whose out-of-fold scores.
        n: How many clips at most, each of another recording.

    Returns:
        The clips, worst first; one whose file is gone is named without sound.
    """
    blocks: list[Clip | Code] = []
    for place, mistake in enumerate(mistakes(run, stage, n)):
        row, start_s, waveform = mistake.row, mistake.start_s, mistake.waveform
        where = (
            f"{row['filename']} from {start_s:.1f} s" if start_s else f"start of {row['filename']}"
        )
        detail = (
            f"heard as {mistake.heard} ({row['wrong']:.2f}), the label itself {row['right']:.2f} · "
            f"{where} · fold {row['fold']}"
        )
        if waveform is None:
            gone = f"{detail}\nThe file could not be read when this was made."
            blocks.append(Code(mistake.truth, gone))
            continue
        draw = partial(draw_spectrogram, waveform, SAMPLE_RATE)
        plot = Plot(f"worst-{place + 1}", "", draw)
        blocks.append(Clip(mistake.truth, detail, plot, audio_address(waveform, SAMPLE_RATE)))
    return blocks


def rank_by_margin(run: Run, stage: str) -> pl.DataFrame:
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
    table, scores, codes = found
    right, wrong, predicted = _best_right_and_wrong(table, scores, codes)
    return (
        table.with_columns(
            pl.Series("right", right),
            pl.Series("wrong", wrong),
            pl.Series("predicted", [codes[place] for place in predicted]),
        )
        .filter(pl.col("wrong") > pl.col("right"))
        .sort(pl.col("wrong") - pl.col("right"), "recording_id", descending=[True, False])
        .unique("recording_id", keep="first", maintain_order=True)
    )


def _best_right_and_wrong(
    table: pl.DataFrame, scores: NDArray[np.float64], codes: list[str]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    place = {code: column for column, code in enumerate(codes)}
    truth = np.zeros(scores.shape, dtype=bool)
    voices = table.select("primary_label", "secondary_labels").rows()
    for row, (primary, secondary) in enumerate(voices):
        for code in (primary, *(secondary or ())):
            if code in place:
                truth[row, place[code]] = True
    right = scores[np.arange(len(scores)), [place[code] for code in table["primary_label"]]]
    others = np.where(truth, -np.inf, scores)
    return right, others.max(axis=1), others.argmax(axis=1)


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
