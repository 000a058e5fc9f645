"""Several bundles as one: each scores a window, over the union of their classes."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oscine.audio.config import Mix, Short
from oscine.core import ScanError, fingerprint
from oscine.features.mel_numpy import LogMel
from oscine.features.spec import MelSpec
from oscine.infer.decisions import Decisions, decisions
from oscine.infer.predictor import Predictor
from oscine.model.bundle import SpeciesInfo, read_bundle

log = logging.getLogger("oscine")
Floats = NDArray[np.float32]

METRICS = ("macro_roc_auc", "cmap", "padded_cmap", "pr_auc")
"""Metrics by which members are ranked when there is no time for all."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the members of an ensemble make of one window.

    Args:
        scores: 0 to 1, NaN where a member does not know a class or was not asked, float32, shape
            [n_members, n_classes].
        features_s: What each front end took, s, shape [n_front_ends]; 0 for one that was not asked.
        members_s: What each member took besides, s, shape [n_members].
    """

    scores: Floats
    features_s: NDArray[np.float64]
    members_s: NDArray[np.float64]


class Ensemble:
    """Predictors that hear windows of the same length; their classes may differ.

    Args:
        predictors: One or more; each may have a front end, an activation and classes of its own.

    Raises:
        ScanError: There is none, or their rates or windows differ.
    """

    def __init__(self, predictors: Sequence[Predictor]) -> None:
        if not predictors:
            raise ScanError("no bundle", fix="give at least one bundle folder")
        first = predictors[0]
        for other in predictors[1:]:
            _refuse_difference(first, other)
        self.predictors = tuple(predictors)
        self.species: list[SpeciesInfo] = _union(predictors)
        self.sample_rate: int = first.spec.sample_rate
        self.n_samples: int = first.spec.n_samples
        self.mix: Mix = first.bundle.info.mix
        self.short: Short = first.bundle.info.short
        self.threads: int = first.threads
        front_ends: dict[MelSpec, LogMel] = {p.spec: p.log_mel for p in predictors}
        self.specs: list[MelSpec] = list(front_ends)
        """The distinct front ends."""
        self.front_end_of = tuple(self.specs.index(p.spec) for p in predictors)
        """The place in `specs` of each member's front end."""
        self._front_ends = list(front_ends.values())
        places = {one.species_code: place for place, one in enumerate(self.species)}
        self._columns = [
            np.array([places[code] for code in p.bundle.info.species_codes()]) for p in predictors
        ]

    def knows(self) -> NDArray[np.bool_]:
        """Tell which member knows which class, shape [n_members, n_classes]."""
        known = np.zeros((len(self.predictors), len(self.species)), dtype=np.bool_)
        for row, columns in zip(known, self._columns, strict=True):
            row[columns] = True
        return known

    def worth(self) -> list[float]:
        """Tell how good each member is: the first of `METRICS` that all of them state, else 0."""
        stated = [one.bundle.info.training.get("metrics") or {} for one in self.predictors]
        for name in METRICS:
            values = [(metrics.get(name) or {}).get("value") for metrics in stated]
            known = [float(value) for value in values if value is not None]
            if len(known) == len(values):
                return known
        return [0.0] * len(self.predictors)

    def hear(self, waveform: Floats, members: Sequence[int] | None = None) -> Heard:
        """Score one window with each member, on the calling thread.

        Args:
            waveform: Mono window at `sample_rate`, shape [n_samples].
            members: Places of the members that are asked; None: all.

        Returns:
            Their scores, and what they took.
        """
        asked = range(len(self.predictors)) if members is None else members
        scores = np.full((len(self.predictors), len(self.species)), np.nan, dtype=np.float32)
        features_s = np.zeros(len(self.specs))
        members_s = np.zeros(len(self.predictors))
        images: dict[int, Floats] = {}
        for member in asked:
            front_end = self.front_end_of[member]
            started = time.perf_counter()
            if front_end not in images:
                images[front_end] = self._front_ends[front_end](waveform[None])[0]
                features_s[front_end] = time.perf_counter() - started
                started += features_s[front_end]
            row = self.predictors[member].score_image(images[front_end])
            scores[member, self._columns[member]] = row
            members_s[member] = time.perf_counter() - started
        return Heard(scores, features_s, members_s)

    @cached_property
    def decisions(self) -> Decisions:
        """Thresholds and calibration that the members state."""
        codes = [one.species_code for one in self.species]
        return decisions([predictor.bundle.info for predictor in self.predictors], codes)

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
    ensemble = Ensemble(predictors)
    known = ensemble.knows().sum(axis=0)
    if (known < len(predictors)).any():
        log.info(
            "%d bundles: %d classes are known to all of them, %d to some; each class is averaged "
            "over the bundles that know it",
            len(predictors),
            int((known == len(predictors)).sum()),
            int((known < len(predictors)).sum()),
        )
    return ensemble


def _union(predictors: Sequence[Predictor]) -> list[SpeciesInfo]:
    """Join class lists, in the order in which the classes first come."""
    species: dict[str, SpeciesInfo] = {}
    for predictor in predictors:
        for one in predictor.bundle.info.species:
            known = species.setdefault(one.species_code, one)
            names = known.scientific_name, one.scientific_name
            if not known.scientific_name:
                species[one.species_code] = one
            elif names[0] != names[1] != "":
                log.warning("%s is taken for one species: %s and %s", one.species_code, *names)
    return list(species.values())


def _refuse_difference(first: Predictor, other: Predictor) -> None:
    differing = {
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
