"""A whole recording scores as training scored its windows, and the same however it is scanned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from oscine.audio import AudioConfig, Clip, WindowReader
from oscine.core import generator
from oscine.features import FeatureConfig, resolve
from oscine.infer import ScanConfig, ScoringConfig, load, scan
from oscine.model.bundle import FORMAT_VERSION, BundleInfo
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.model.export import score, write_bundle
from synthetic import make_bundle, make_recording, make_species

SPEC = resolve(FeatureConfig(n_fft=512, n_frames=64, n_mels=64, f_max_hz=8000), 16_000, 2.0)
CODES = ["spec0", "spec1", "spec2"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle of the network stands."""
    return tmp_path_factory.mktemp("trained") / "bundle"


@pytest.fixture(scope="module")
def trained(bundle: Path) -> Classifier:
    """A network with random weights, and its bundle."""
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", pretrain="none")
    model = Classifier(config, (1, 64, 64), 3).eval()
    info = BundleInfo(
        format_version=FORMAT_VERSION,
        name="test",
        created="2026-01-01T00:00:00+00:00",
        species=make_species(3),
        features=SPEC.to_plain(),
        activation="sigmoid",
        short="wrap",
        versions={},
        licenses={},
        training={},
    )
    golden = generator(0, "golden").normal(0, 0.1, size=(2, SPEC.n_samples)).astype(np.float32)
    write_bundle(bundle, model, info, golden)
    return model


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("hop_s", [2.0, 0.73], ids=["side by side", "at odd places"])
@pytest.mark.parametrize(("duration_s", "sample_rate"), [(9.3, 22_050), (1.4, 16_000)])
def test_each_window_of_a_whole_file_scores_as_in_training(  # noqa: PLR0917
    trained: Classifier,
    bundle: Path,
    tmp_path: Path,
    suffix: str,
    hop_s: float,
    duration_s: float,
    sample_rate: int,
) -> None:
    path = make_recording(tmp_path / f"a.{suffix}", duration_s, sample_rate)
    scanned = load(bundle).scan_scores(path, ScoringConfig(hop_s=hop_s))
    starts = scanned["start_s"].to_list()
    config = AudioConfig(sample_rate=16_000, window_s=2.0, short="wrap")
    reader = WindowReader([Clip(str(path), duration_s)], config)
    whole = starts if len(starts) == 1 else [s for s in starts if s + 2.0 <= duration_s]
    windows = np.stack([reader.read(0, start_s) for start_s in whole])
    expected = score(trained, SPEC, "sigmoid", windows)
    # The tolerance of the golden batch: two front ends, and onnxruntime against torch.
    given = scanned.head(len(whole)).select(CODES).to_numpy()
    assert np.abs(given - expected).max() <= 1e-4
    assert len(whole) >= len(starts) - 1


SETTINGS = ScanConfig(hop_s=0.5, shifts_s=(-0.25, 0.25), average="geometric", row_s=0.5)


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    return [make_bundle(tmp_path / name, seed=seed).path for seed, name in enumerate("ab")]


def test_scores_are_the_same_whatever_the_threads_and_the_order(
    pair: list[Path], tmp_path: Path
) -> None:
    paths = [make_recording(tmp_path / f"{i}.wav", 2.3 + i, seed=i) for i in range(4)]
    first = scan(pair, paths, SETTINGS, tmp_path / "first").scores().collect()
    for threads, order in [(1, 1), (1, -1), (3, 1), (3, -1)]:
        config = SETTINGS.model_copy(update={"threads": threads})
        out = tmp_path / f"{threads}{order}"
        other = scan(pair, paths[::order], config, out).scores().collect()
        assert other.sort("filepath", "start_s").equals(first.sort("filepath", "start_s"))


def test_a_recording_alone_scores_as_among_others(pair: list[Path], tmp_path: Path) -> None:
    paths = [make_recording(tmp_path / f"{i}.wav", 2.3 + i, seed=i) for i in range(3)]
    among = scan(pair, paths, SETTINGS, tmp_path / "among").scores().collect()
    for path in paths:
        alone = scan(pair, [path], SETTINGS, tmp_path / path.stem).scores().collect()
        assert among.filter(filepath=str(path)).equals(alone)


def test_a_shift_is_the_mean_with_the_windows_that_lie_there(
    pair: list[Path], tmp_path: Path
) -> None:
    path = make_recording(tmp_path / "a.wav", 4.0)
    recogniser = load(pair[0])
    quarters = recogniser.scan_scores(path, ScoringConfig(hop_s=0.25))
    at = dict(zip(quarters["start_s"], quarters.select(CODES).to_numpy(), strict=True))
    shifted = recogniser.scan_scores(path, ScoringConfig(hop_s=0.5, shifts_s=(-0.25, 0.25)))
    for row in shifted.iter_rows(named=True):
        takes = [at[row["start_s"] + d] for d in (0.0, -0.25, 0.25) if row["start_s"] + d in at]
        assert len(takes) == (2 if row["start_s"] in {0.0, 3.0} else 3)
        np.testing.assert_allclose([row[code] for code in CODES], np.mean(takes, axis=0), rtol=1e-5)
