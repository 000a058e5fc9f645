from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import BundleError
from oscine.infer.predictor import ACTIVATIONS, Predictor, sigmoid, softmax
from oscine.model import write_golden
from synthetic import make_bundle, make_spec, make_waveform


@pytest.fixture
def waveforms() -> np.ndarray:
    return make_waveform(7.0).reshape(7, -1)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("channels", [1, 3])
def test_the_golden_batch_verifies(tmp_path: Path, activation: str, channels: int) -> None:
    spec = make_spec(channels=channels)
    bundle = make_bundle(tmp_path / "b", spec=spec, activation=activation)
    Predictor(bundle).verify("load")


def test_verify_names_the_step_and_the_difference(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    golden, scores = bundle.golden()
    scores[2, 1] -= 0.25
    write_golden(bundle.path, golden, scores)
    with pytest.raises(BundleError, match=r"export: .* by up to 0\.25"):
        Predictor(bundle).verify("export")


def test_a_nan_in_the_golden_batch_does_not_verify(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    golden, scores = bundle.golden()
    scores[0, 0] = np.nan
    write_golden(bundle.path, golden, scores)
    with pytest.raises(BundleError, match="nan"):
        Predictor(bundle).verify("load")


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("group", [1, 2, 7])
def test_scores_are_the_same_bits_whatever_the_grouping_and_threads(
    tmp_path: Path, waveforms: np.ndarray, group: int, threads: int
) -> None:
    bundle = make_bundle(tmp_path / "b")
    whole = Predictor(bundle, threads=1).score(waveforms)
    predictor = Predictor(bundle, threads=threads)
    parts = [predictor.score(waveforms[at : at + group]) for at in range(0, 7, group)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_no_windows_give_no_scores(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "b", n_classes=4))
    assert predictor.score(np.empty((0, 8000), dtype=np.float32)).shape == (0, 4)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    bundle.model_path.write_bytes(b"nothing")
    with pytest.raises(BundleError, match=r"damaged model.*model\.onnx"):
        Predictor(bundle)


def test_a_model_with_other_names_is_refused(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "b")
    model = bundle.model_path.read_bytes()
    bundle.model_path.write_bytes(model.replace(b"images", b"pixels"))
    with pytest.raises(BundleError, match="pixels"):
        Predictor(bundle)


def test_sigmoid_keeps_the_order_of_extreme_logits_in_single_precision() -> None:
    scores = sigmoid(np.array([-80.0, -40.0, 0.0, 10.0, 200.0], dtype=np.float32))
    assert scores.dtype == np.float32
    assert (np.diff(scores) > 0).all()
    assert (scores[0] > 0, scores[-1]) == (True, 1.0)


def test_softmax_sums_to_one_without_overflow() -> None:
    scores = softmax(np.array([[1000.0, 1000.0], [-1000.0, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(scores, [[0.5, 0.5], [0.0, 1.0]])
