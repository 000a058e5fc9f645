from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import BundleError, ScanError
from oscine.infer.averaging import average
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.predictor import Predictor
from oscine.model import read_bundle, write_golden
from oscine.model.bundle import write_info
from synthetic import make_bundle, make_spec, make_waveform


def mean_scores(ensemble: Ensemble, waveform: np.ndarray) -> np.ndarray:
    return average(ensemble.hear(waveform).scores[None], "mean")[0]


def test_one_bundle_is_itself(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "a"))
    waveform = make_waveform(1.0)
    np.testing.assert_array_equal(
        mean_scores(Ensemble([predictor]), waveform), predictor.score_window(waveform)
    )


def test_several_bundles_are_averaged_each_with_its_own_front_end(tmp_path: Path) -> None:
    first = Predictor(make_bundle(tmp_path / "a"))
    other = Predictor(make_bundle(tmp_path / "b", seed=1, spec=make_spec(n_mels=12)))
    waveform = make_waveform(1.0)
    ensemble = Ensemble([first, other])
    mean = (first.score_window(waveform) + other.score_window(waveform)) / 2
    # One rounding of the mean in single precision.
    np.testing.assert_allclose(mean_scores(ensemble, waveform), mean, rtol=1e-6)
    assert len(ensemble.specs) == 2


def rename(path: Path, **codes: str) -> None:
    """Give classes of a bundle other codes."""
    info = read_bundle(path).info
    species = [
        one.model_copy(update={"species_code": codes.get(one.species_code, one.species_code)})
        for one in info.species
    ]
    write_info(path, info.model_copy(update={"species": species}))


def test_classes_in_another_order_meet_their_own(tmp_path: Path) -> None:
    paths = [make_bundle(tmp_path / name, seed=seed).path for seed, name in enumerate("ab")]
    plain, waveform = open_ensemble(paths), make_waveform(1.0)
    rename(paths[1], spec0="spec2", spec2="spec0")
    turned = open_ensemble(paths)
    assert [one.species_code for one in turned.species] == ["spec0", "spec1", "spec2"]
    first, other = (one.score_window(waveform) for one in plain.predictors)
    np.testing.assert_allclose(
        mean_scores(turned, waveform), (first + other[[2, 1, 0]]) / 2, rtol=1e-6
    )


def test_a_class_is_averaged_over_the_bundles_that_know_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [make_bundle(tmp_path / name, seed=seed).path for seed, name in enumerate("ab")]
    rename(paths[1], spec0="frog0")
    with caplog.at_level("INFO", "oscine"):
        ensemble = open_ensemble(paths)
    assert "2 classes are known to all of them, 2 to some" in caplog.text
    assert [one.species_code for one in ensemble.species] == ["spec0", "spec1", "spec2", "frog0"]
    waveform = make_waveform(1.0)
    first, other = (one.score_window(waveform) for one in ensemble.predictors)
    expected = [first[0], (first[1] + other[1]) / 2, (first[2] + other[2]) / 2, other[0]]
    np.testing.assert_allclose(mean_scores(ensemble, waveform), expected, rtol=1e-6)


def test_each_bundle_keeps_its_own_activation(tmp_path: Path) -> None:
    paths = [
        make_bundle(tmp_path / name, activation=name, seed=1).path
        for name in ("sigmoid", "softmax")
    ]
    heard = open_ensemble(paths).hear(make_waveform(1.0)).scores
    assert heard[1].sum() == pytest.approx(1.0)
    assert heard[0].sum() != pytest.approx(1.0)


def test_one_code_of_two_names_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paths = [make_bundle(tmp_path / name).path for name in "ab"]
    info = read_bundle(paths[1]).info
    other = info.species[0].model_copy(update={"scientific_name": "Rana rana"})
    write_info(paths[1], info.model_copy(update={"species": [other, *info.species[1:]]}))
    open_ensemble(paths)
    assert "spec0 is taken for one species: Avis 0 and Rana rana" in caplog.text


def test_members_that_are_not_asked_have_no_scores_and_take_no_time(tmp_path: Path) -> None:
    specs = {"a": make_spec(), "b": make_spec(), "c": make_spec(n_mels=12)}
    ensemble = open_ensemble([make_bundle(tmp_path / n, spec=s).path for n, s in specs.items()])
    heard = ensemble.hear(make_waveform(1.0), [1])
    assert np.isnan(heard.scores).all(axis=1).tolist() == [True, False, True]
    assert (heard.members_s > 0).tolist() == [False, True, False]
    assert (heard.features_s > 0).tolist() == [True, False]


@pytest.mark.parametrize(
    ("n_classes", "window_s", "sample_rate", "what"),
    [(3, 2.0, 8000, "window"), (3, 1.0, 16_000, "sample rate")],
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
