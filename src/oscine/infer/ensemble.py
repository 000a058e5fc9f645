"""Several bundles as one: the mean of their scores for a window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oscine.audio.config import Mix, Short
from oscine.core import ScanError, fingerprint
from oscine.features.mel_numpy import LogMel
from oscine.features.spec import MelSpec
from oscine.infer.predictor import Predictor
from oscine.model.bundle import SpeciesInfo, read_bundle

Floats = NDArray[np.float32]


class Ensemble:
    """The mean of predictors that know the same species and hear windows of the same length.

    Args:
        predictors: One or more; each may have a front end of its own.

    Raises:
        ScanError: There is none, or their species, rates or windows differ.
    """

    def __init__(self, predictors: Sequence[Predictor]) -> None:
        if not predictors:
            raise ScanError("no bundle", fix="give at least one bundle folder")
        first = predictors[0]
        for other in predictors[1:]:
            _refuse_difference(first, other)
        self.predictors = tuple(predictors)
        self.species: list[SpeciesInfo] = first.bundle.info.species
        self.sample_rate: int = first.spec.sample_rate
        self.n_samples: int = first.spec.n_samples
        self.mix: Mix = first.bundle.info.mix
        self.short: Short = first.bundle.info.short
        self.threads: int = first.threads
        self._front_ends: dict[MelSpec, LogMel] = {p.spec: p.log_mel for p in predictors}

    @property
    def specs(self) -> list[MelSpec]:
        """The distinct front ends."""
        return list(self._front_ends)

    def score_window(self, waveform: Floats) -> Floats:
        """Score one window on the calling thread.

        Args:
            waveform: Mono window at `sample_rate`, shape [n_samples].

        Returns:
            Mean scores, 0 to 1, float32, shape [n_classes].
        """
        images = {spec: mel(waveform[None])[0] for spec, mel in self._front_ends.items()}
        rows = [predictor.score_image(images[predictor.spec]) for predictor in self.predictors]
        return rows[0] if len(rows) == 1 else np.mean(rows, axis=0, dtype=np.float32)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that its scores depend on."""
        return fingerprint(*(predictor.bundle.fingerprint() for predictor in self.predictors))


def open_ensemble(paths: Sequence[Path], threads: int = 0) -> Ensemble:
    """Open bundle folders and score each one's golden batch again.

    Args:
        paths: Bundle folders.
        threads: How many windows run at once; 0 means one for each core.

    Returns:
        The ensemble.

    Raises:
        BundleError: A bundle is incomplete, or does not score as it was trained.
        ScanError: The bundles do not fit together.
    """
    predictors = [Predictor(read_bundle(path), threads) for path in paths]
    for predictor in predictors:
        predictor.verify("load")
    return Ensemble(predictors)


def _refuse_difference(first: Predictor, other: Predictor) -> None:
    differing = {
        "species": first.bundle.info.species_codes() != other.bundle.info.species_codes(),
        "sample rate": first.spec.sample_rate != other.spec.sample_rate,
        "channel mix": first.bundle.info.mix != other.bundle.info.mix,
        "filling of short recordings": first.bundle.info.short != other.bundle.info.short,
        "window": first.spec.n_samples != other.spec.n_samples,
    }
    for what, differs in differing.items():
        if differs:
            raise ScanError(
                f"its {what} differs from that of {first.bundle.path}",
                where=other.bundle.path,
                fix="average bundles of one recipe, or scan with each alone",
            )
