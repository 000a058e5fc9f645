from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import BundleError, ScanError
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.predictor import Predictor
from oscine.model import write_golden
from synthetic import make_bundle, make_spec, make_waveform


def test_one_bundle_is_itself(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "a"))
    waveform = make_waveform(1.0)
    np.testing.assert_array_equal(
        Ensemble([predictor]).score_window(waveform), predictor.score_window(waveform)
    )


def test_several_bundles_are_averaged_each_with_its_own_front_end(tmp_path: Path) -> None:
    first = Predictor(make_bundle(tmp_path / "a"))
    other = Predictor(make_bundle(tmp_path / "b", seed=1, spec=make_spec(n_mels=12)))
    waveform = make_waveform(1.0)
    ensemble = Ensemble([first, other])
    mean = (first.score_window(waveform) + other.score_window(waveform)) / 2
    # One rounding of the mean in single precision.
    np.testing.assert_allclose(ensemble.score_window(waveform), mean, rtol=1e-6)
    assert len(ensemble.specs) == 2


@pytest.mark.parametrize(
    ("n_classes", "window_s", "sample_rate", "what"),
    [(4, 1.0, 8000, "species"), (3, 2.0, 8000, "window"), (3, 1.0, 16_000, "sample rate")],
)
def test_bundles_that_do_not_fit_together_are_refused(
    tmp_path: Path, n_classes: int, window_s: float, sample_rate: int, what: str
) -> None:
    make_bundle(tmp_path / "a")
    make_bundle(tmp_path / "b", n_classes=n_classes, spec=make_spec(sample_rate, window_s))
    with pytest.raises(ScanError, match=f"its {what} differs"):
        open_ensemble([tmp_path / "a", tmp_path / "b"])


def test_no_bundle_is_refused() -> None:
    with pytest.raises(ScanError, match="no bundle"):
        open_ensemble([])


def test_opening_verifies_the_golden_batch(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "a")
    waveforms, scores = bundle.golden()
    write_golden(bundle.path, waveforms, 1 - scores)
    with pytest.raises(BundleError, match="load: the golden batch"):
        open_ensemble([tmp_path / "a"])


def test_the_fingerprint_follows_the_members(tmp_path: Path) -> None:
    first = Predictor(make_bundle(tmp_path / "a"))
    other = Predictor(make_bundle(tmp_path / "b", seed=1))
    prints = {Ensemble(m).fingerprint for m in ([first], [other], [first, other])}
    assert len(prints) == 3
