"""Figure of what a model looked at: its log-mel image, and on it what speaks for a class."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from oscine.features import MelSpec
from oscine.features.filterbank import hz_to_mel
from oscine.features.image import resize_matrix
from oscine.report.figures.style import blank

Floats = NDArray[np.float64]

WARM = np.array([1.0, 0.45, 0.05])
"""Colour of what speaks for the class, red, green and blue."""
DEEPEST_DB = 60.0
"""What lies so far below the loudest is black, dB."""
LARGEST = (160, 480)
"""Bands and frames of a picture: more would not be seen, and would swell the page."""
TICKS_HZ = tuple(float(a * 10**b) for b, a in product(range(1, 6), (1, 2, 5)))


def draw_grad_cam(
    image_db: NDArray[np.floating], maps: Mapping[str, Floats], spec: MelSpec, width_in: float
) -> Figure:
    """Draw a log-mel image once for each map that lies on it, below each other.

    Args:
        image_db: Log-mel image, dB, [n_mels, n_frames].
        maps: By the title of its panel, what speaks for a class, [rows, columns] of the feature
            map, the lowest frequencies first; warm where it is most, on one scale for all.
        spec: The front end, for the axes.
        width_in: Width, inches.
    """
    figure, panels = blank(width_in, 1.45 * len(maps) + 0.35, len(maps))
    most = max(float(values.max()) for values in maps.values())
    for axes, (title, values) in zip(panels, maps.items(), strict=True):
        axes.imshow(
            overlay(image_db, values / most if most > 0 else values),
            origin="lower",
            aspect="auto",
            extent=_extent(spec),
            interpolation="nearest",
        )
        axes.set_title(title)
        _label_frequencies(axes, spec)
        axes.set_xlim(max(0.0, _extent(spec)[0]), min(spec.window_s, _extent(spec)[1]))
        for spine in axes.spines.values():
            spine.set_visible(False)
        if axes is not panels[-1]:
            axes.set_xticks([])
    panels[-1].set_xlabel("time, s")
    return figure


def overlay(image_db: NDArray[np.floating], warmth: Floats) -> Floats:
    """Lay a coarse map on a log-mel image.

    Args:
        image_db: dB, [n_mels, n_frames].
        warmth: 0 to 1, [rows, columns].

    Returns:
        Red, green and blue, 0 to 1, [n_mels, n_frames, 3], or smaller where the image is larger
        than can be seen: grey where nothing is warm.
    """
    image_db = _shrink(image_db.astype(np.float64))
    grey = np.clip(1 + (image_db - image_db.max()) / DEEPEST_DB, 0, 1)[..., None]
    (rows, columns), (n_mels, n_frames) = warmth.shape, image_db.shape
    fine = resize_matrix(rows, n_mels).T @ warmth @ resize_matrix(columns, n_frames)
    share = 0.7 * np.clip(fine, 0, 1)[..., None]
    # What is warm keeps its light and shade, so that the calls below it are still seen.
    colors = (1 - share) * grey + share * WARM * (0.35 + 0.65 * grey)
    return np.asarray(np.clip(colors, 0.0, 1.0))


def _shrink(image: Floats) -> Floats:
    rows, columns = (min(n, most) for n, most in zip(image.shape, LARGEST, strict=True))
    if (rows, columns) == image.shape:
        return image
    n_mels, n_frames = image.shape
    return np.asarray(resize_matrix(n_mels, rows).T @ image @ resize_matrix(n_frames, columns))


def place_of(frequency_hz: Floats, spec: MelSpec) -> Floats:
    """Find the mel band, whole or between two, whose centre is at a frequency, Hz."""
    low, high = hz_to_mel(np.array([spec.f_min_hz, spec.f_max_hz]), spec.mel_scale)
    share = (hz_to_mel(frequency_hz, spec.mel_scale) - low) / (high - low)
    return np.asarray(share * (spec.n_mels + 1) - 1)


def _extent(spec: MelSpec) -> tuple[float, float, float, float]:
    """Where the image lies: each frame around its centre, s; each band around its number."""
    first = spec.n_fft / 2 if spec.padding == "none" else 0.0
    ends = first + spec.hop_length * np.array([-0.5, spec.n_frames - 0.5])
    left, right = (ends / spec.sample_rate).tolist()
    return left, right, -0.5, spec.n_mels - 0.5


def _label_frequencies(axes: Axes, spec: MelSpec) -> None:
    ticks = np.array([one for one in TICKS_HZ if spec.f_min_hz < one < spec.f_max_hz])
    places = place_of(ticks, spec)
    # Below 1 kHz bands lie close: of labels that would touch the higher one stays.
    apart = spec.n_mels / 7
    kept: list[int] = []
    for place in range(len(ticks) - 1, -1, -1):
        if not kept or places[kept[-1]] - places[place] >= apart:
            kept.append(place)
    axes.set_yticks(places[kept], [f"{ticks[place]:,.0f}" for place in kept])
    axes.set_ylabel("Hz")
