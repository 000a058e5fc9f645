"""Using a bundle from Python: `load(bundle).scan(path)`, `load(bundle).score(waveform, rate)`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.audio.resample import Span, resample_window
from oscine.core import (
    AudioError,
    BundleError,
    Location,
    Reason,
    ScanError,
    is_remote,
    location,
    shown,
)
from oscine.infer.config import ScoringConfig
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.events import FileScores, collect
from oscine.infer.finish import Finished, Finisher
from oscine.infer.scoring import score_waveform, score_windows
from oscine.model.bundle import SpeciesInfo


class Recogniser:
    """A verified bundle, or several whose scores are averaged. Safe to use from several threads.

    Args:
        ensemble: What scores.
    """

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble

    @property
    def species(self) -> list[SpeciesInfo]:
        """The classes, in the order of the score columns."""
        return self.ensemble.species

    def scan(self, path: Location | str, config: ScoringConfig | None = None) -> pl.DataFrame:
        """List what is heard in one recording.

        Args:
            path: The recording, a path or a URL.
            config: Settings; None: the defaults.

        Returns:
            Detections: filepath, filename, start_s, end_s, recorded_at, species_code,
            scientific_name, common_name, score.

        Raises:
            AudioError: The recording cannot be read, or not to its end.
            RemoteError: A remote place cannot be reached.
        """
        return self._scan(path, config or ScoringConfig()).detections

    def scan_scores(
        self, path: Location | str, config: ScoringConfig | None = None
    ) -> pl.DataFrame:
        """Score every window of one recording.

        Args:
            path: The recording, a path or a URL.
            config: Settings; None: the defaults.

        Returns:
            One row a window, or as `row_s` asks: filepath, start_s, end_s, and one column a
            species code.

        Raises:
            AudioError: The recording cannot be read, or not to its end.
            RemoteError: A remote place cannot be reached.
        """
        return self._scan(path, config or ScoringConfig()).scores

    def _scan(self, path: Location | str, config: ScoringConfig) -> Finished:
        place = location(path)
        result = collect(list(score_windows(self.ensemble, [place], config)), self.ensemble)
        if result.finding is not None and result.finding.reason is not Reason.SILENT:
            raise AudioError(
                result.finding.detail, reason=result.finding.reason, where=shown(place)
            )
        return self._finish(result, config)

    def _finish(self, result: FileScores, config: ScoringConfig) -> Finished:
        return Finisher(self.species, self.ensemble.decisions, config)(result)

    def score(
        self,
        waveform: NDArray[np.float32],
        sample_rate: int,
        config: ScoringConfig | None = None,
    ) -> pl.DataFrame:
        """Score every window of a waveform.

        Args:
            waveform: Mono, full scale is 1, shape [n_samples].
            sample_rate: Its rate, Hz; it is resampled where the bundle's differs.
            config: Settings; None: the defaults.

        Returns:
            One row a window, or as `row_s` asks: start_s, end_s, and one column a species code.

        Raises:
            ScanError: The waveform is not mono, is empty, or holds NaN or infinite values.
        """
        config, ensemble = config or ScoringConfig(), self.ensemble
        mono = np.asarray(waveform, dtype=np.float32)
        if mono.ndim != 1 or not len(mono) or not np.isfinite(mono).all():
            raise ScanError(
                f"a waveform of shape {mono.shape} cannot be scored",
                fix="give one channel of finite values, shape [n_samples]",
            )
        if sample_rate != ensemble.sample_rate:
            span = Span.at(0, sample_rate, ensemble.sample_rate)
            mono = resample_window(mono, span, None)
        result = collect(list(score_waveform(ensemble, mono, config)), ensemble)
        return self._finish(result, config).scores.drop("filepath")


def load(*paths: Path | str, threads: int = 0) -> Recogniser:
    """Open one or more bundles and score their golden batches again.

    Args:
        paths: Bundle folders on this machine; the scores of several are averaged.
        threads: How many windows are scored at once; 0: one for each core.

    Returns:
        A recogniser.

    Raises:
        BundleError: A bundle is incomplete, or does not score as it was trained.
        ScanError: The bundles do not fit together.
    """
    places = [location(path) for path in paths]
    local = [place for place in places if not is_remote(place)]
    if remote := [place for place in places if is_remote(place)]:
        raise BundleError(
            "a bundle is a folder on this machine",
            where=shown(remote[0]),
            fix="copy it here first",
        )
    return Recogniser(open_ensemble(local, threads))
