"""What becomes of scores: probabilities if they are asked for, and which scores are detections.

Thresholds of a bundle are of its uncalibrated scores, and are held against these even where the
probabilities are what is written: calibration changes what a detection's score says, and never
what is detected. A scan's own threshold, for classes without one, is of the scores as written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.model.bundle import BundleInfo
from oscine.model.calibration import Isotonic, Platt

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Decisions:
    """Thresholds and calibration of one bundle, or of several whose scores become one.

    Args:
        thresholds: Least uncalibrated score of a detection, NaN where the scan's own counts,
            shape [n_classes].
        maps: Of each class, the map of each bundle that has one; their mean is taken.
        sources: What they were learned from, one text a bundle that says it.
    """

    thresholds: NDArray[np.float64]
    maps: tuple[tuple[Platt | Isotonic, ...], ...]
    sources: tuple[str, ...]

    def calibrate(self, scores: Floats) -> Floats:
        """Turn scores into probabilities; classes without calibration keep their scores.

        Args:
            scores: 0 to 1, shape [n_windows, n_classes].

        Returns:
            Float32, of the same shape. No class's windows change their order; an isotonic map
            can make some of them equal.
        """
        result = scores.copy()
        for column, maps in enumerate(self.maps):
            if maps:
                values = [one.apply(scores[:, column]) for one in maps]
                result[:, column] = np.mean(values, axis=0)
        return result

    def detected(
        self, scores: Floats, own: float, written: Floats | None = None
    ) -> NDArray[np.bool_]:
        """Tell which scores are detections.

        Args:
            scores: Uncalibrated, 0 to 1, shape [n_windows, n_classes].
            own: The scan's own threshold.
            written: The scores that are written, where these are calibrated.

        Returns:
            Of the same shape.
        """
        has_own = np.isnan(self.thresholds)
        reached = scores >= np.where(has_own, np.inf, self.thresholds)
        stated = scores if written is None else written
        return np.asarray(reached | (has_own & (stated >= own)))


def decisions(bundles: Sequence[BundleInfo], codes: Sequence[str]) -> Decisions:
    """Collect thresholds and calibration of bundles.

    Args:
        bundles: One or more.
        codes: Species codes of the columns of the scores; a bundle need not know all of them.

    Returns:
        Of each class the mean of the thresholds that the bundles have.
    """
    stated = [[info.thresholds.get(code, np.nan) for code in codes] for info in bundles]
    table = np.array(stated, dtype=np.float64)
    n = (~np.isnan(table)).sum(axis=0)
    total = np.nansum(table, axis=0)
    return Decisions(
        thresholds=np.where(n > 0, total / np.maximum(n, 1), np.nan),
        maps=tuple(
            tuple(info.calibration[code] for info in bundles if code in info.calibration)
            for code in codes
        ),
        sources=tuple(
            info.calibration_source.tell() for info in bundles if info.calibration_source
        ),
    )
