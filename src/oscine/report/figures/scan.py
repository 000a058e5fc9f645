"""Figures of sound: a soundscape's timeline of detections, and a clip's spectrogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from oscine.report.figures.style import BLUE, blank, name_rows


def draw_timeline(detections: pl.DataFrame, width_in: float) -> Figure:
    """Draw when each species was detected; the stronger the bar, the higher the score.

    Args:
        detections: name, start_s, end_s and score of one soundscape; names in drawing order.
        width_in: Width, inches.
    """
    names = list(dict.fromkeys(detections["name"]))
    figure, (axes,) = blank(width_in, 0.24 * len(names) + 0.6)
    for row in detections.iter_rows(named=True):
        axes.barh(
            names.index(row["name"]),
            row["end_s"] - row["start_s"],
            left=row["start_s"],
            height=0.66,
            color=BLUE,
            alpha=min(1.0, 0.12 + 0.88 * float(row["score"])),
            linewidth=0,
        )
    name_rows(axes, names, width_in)
    axes.set_xlim(0, max(detections["end_s"]))
    axes.set_xlabel("time, s")
    return figure


def draw_spectrogram(waveform: NDArray[Any], sample_rate: int, width_in: float) -> Figure:
    """Draw a clip's spectrogram in dB below its peak.

    Args:
        waveform: Mono audio, [n_samples].
        sample_rate: Hz.
        width_in: Width, inches.
    """
    level_db, hop = spectrogram_db(waveform)
    duration_s = level_db.shape[1] * hop / sample_rate
    figure, (axes,) = blank(width_in, 1.9)
    axes.imshow(
        level_db,
        origin="lower",
        aspect="auto",
        extent=(0.0, duration_s, 0.0, sample_rate / 2000),
        cmap="magma",
        vmin=-70.0,
        vmax=0.0,
    )
    axes.set_xlabel("time, s")
    axes.set_ylabel("kHz")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def spectrogram_db(waveform: NDArray[Any], n_fft: int = 512) -> tuple[NDArray[Any], int]:
    """Compute a Hann-windowed power spectrogram of at most about 500 frames.

    Args:
        waveform: Mono audio, [n_samples].
        n_fft: Length of the Fourier transform, samples.

    Returns:
        Levels in dB below the peak, [n_fft / 2 + 1, n_frames], and the hop in samples.
    """
    padded = np.pad(waveform, (0, max(0, n_fft - len(waveform))))
    hop = max(n_fft // 4, (len(padded) - n_fft) // 500 + 1)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(n_fft), axis=1)).T ** 2
    floor = max(float(power.max()) * 1e-8, 1e-20)
    return 10 * np.log10(np.maximum(power, floor) / max(float(power.max()), 1e-12)), hop
