"""Bringing a clip's decibel image to the range that a backbone expects, from that clip alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from oscine.core import FeatureError
from oscine.features.spec import MelSpec

Image = NDArray[np.float32]

FLAT_DB = 1e-3
"""A clip whose decibels differ (minmax) or spread (zscore) by less is silent: it becomes zeros.
For `band`, each band by itself."""


def scale(decibels: Image, spec: MelSpec) -> Image:
    """Scale one clip's image by the front end's `scaling`.

    Args:
        decibels: One clip's log-mel image, dB, shape [n_mels, n_frames].
        spec: The front end; `scaling`, `fixed_mean` and `fixed_std` are used.

    Returns:
        The scaled image, float32, of the same shape: in [0, 1] for `minmax`, of mean 0 and
        spread 1 for `zscore`, and in each band for `band`; what is silent is all zeros for them.

    Raises:
        FeatureError: The scaling has no such name.
    """
    if spec.scaling not in SCALINGS:
        raise FeatureError(
            f"no scaling {spec.scaling!r}", where="features", fix=f"choose from {list(SCALINGS)}"
        )
    return SCALINGS[spec.scaling](decibels, spec)


def _minmax(decibels: Image, _: MelSpec) -> Image:
    low = decibels.min()
    spread = decibels.max() - low
    if spread < FLAT_DB:
        return np.zeros_like(decibels)
    scaled: Image = (decibels - low) / spread
    return scaled


def _zscore(decibels: Image, _: MelSpec) -> Image:
    centred = decibels - decibels.mean()
    std = centred.std()
    if std < FLAT_DB:
        return np.zeros_like(decibels)
    scaled: Image = centred / std
    return scaled


def _band(decibels: Image, _: MelSpec) -> Image:
    centred = decibels - decibels.mean(axis=1, keepdims=True)
    std = centred.std(axis=1, keepdims=True)
    scaled: Image = np.where(std < FLAT_DB, np.float32(0.0), centred / np.maximum(std, FLAT_DB))
    return scaled


def _fixed(decibels: Image, spec: MelSpec) -> Image:
    return (decibels - np.float32(spec.fixed_mean)) / np.float32(spec.fixed_std)


def _none(decibels: Image, _: MelSpec) -> Image:
    return decibels


SCALINGS: Mapping[str, Callable[[Image, MelSpec], Image]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "band": _band,
    "fixed": _fixed,
    "none": _none,
}
"""Every scaling of decibels by the name it has in a recipe; `pcen` takes the place of decibels."""
