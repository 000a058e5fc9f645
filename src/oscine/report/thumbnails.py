"""Small spectrograms of recordings, as pictures that stand in a table."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imsave
from numpy.typing import NDArray

from oscine.audio.decode import read
from oscine.core import AudioError
from oscine.report.figures.scan import spectrogram_db

SAMPLE_RATE = 32_000
"""Rate at which a recording is looked at, Hz."""
LONGEST_S = 5.0
"""How much of a recording is shown, from its start, s."""
WIDTH, HEIGHT = 240, 64
"""Size of a picture, pixels."""
LEVELS = 32
"""Shades of a picture: more would not be seen, and would not compress."""
DEEPEST_DB = -70.0


def thumbnail(path: Path, start_s: float = 0.0, end_s: float | None = None) -> str:
    """Draw the start of a recording.

    Args:
        path: The file.
        start_s: Where it starts, s.
        end_s: Where it ends, s; None: at the end of the file.

    Returns:
        A PNG as a `data:` address; empty where there is nothing to read.
    """
    length_s = LONGEST_S if end_s is None else min(LONGEST_S, end_s - start_s)
    try:
        waveform = read(path, SAMPLE_RATE, start_s, length_s)
    except (AudioError, OSError):
        return ""
    if not waveform.size or not np.isfinite(waveform).all():
        return ""
    return png_address(shades(waveform))


def shades(waveform: NDArray[Any]) -> NDArray[np.float64]:
    """Turn a waveform into the shades of a picture, 0 to 1, low frequencies at the bottom.

    Args:
        waveform: Mono audio, [n_samples].

    Returns:
        [HEIGHT, at most WIDTH]: a shorter recording makes a narrower picture.
    """
    level_db, hop = spectrogram_db(waveform)
    rows = np.linspace(0, level_db.shape[0], HEIGHT + 1).astype(int)
    frames = level_db.shape[1]
    share = min(1.0, frames * hop / (LONGEST_S * SAMPLE_RATE))
    width = min(max(8, round(WIDTH * share)), frames) or 1
    columns = np.linspace(0, frames, width + 1).astype(int)[:-1]
    small = np.maximum.reduceat(np.maximum.reduceat(level_db, rows[:-1]), columns, axis=1)
    bright = np.clip(1 - small / DEEPEST_DB, 0.0, 1.0)
    return np.asarray(np.round(bright * (LEVELS - 1)) / (LEVELS - 1))[::-1]


def png_address(picture: NDArray[np.float64]) -> str:
    """Encode shades as a `data:` address of a PNG.

    Args:
        picture: Values of 0 to 1, [height, width], the top row first.
    """
    stream = io.BytesIO()
    imsave(
        stream,
        picture,
        cmap="magma",
        vmin=0.0,
        vmax=1.0,
        format="png",
        metadata={"Software": "oscine"},
    )
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
