"""Factories of small things to test with: a bundle whose model is a few ONNX operators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import soundfile
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from oscine.core import generator
from oscine.features import FeatureConfig, LogMel, MelSpec, resolve
from oscine.infer import ScanConfig, ScanResult, scan
from oscine.model.bundle import (
    FORMAT_VERSION,
    GOLDEN_FILE,
    IMAGES,
    INFO_FILE,
    LOGITS,
    MODEL_FILE,
    WEIGHTS_FILE,
    Bundle,
    BundleInfo,
    SpeciesInfo,
    read_bundle,
    write_golden,
    write_info,
)

BUNDLE_FILES = (INFO_FILE, MODEL_FILE, WEIGHTS_FILE, GOLDEN_FILE)


def make_spec(sample_rate: int = 8000, window_s: float = 1.0, **settings: object) -> MelSpec:
    """A small front end: 16 bands x 20 frames of one second at 8 kHz."""
    small = {"n_fft": 256, "n_frames": 20, "n_mels": 16, "f_min_hz": 100.0, "f_max_hz": 4000.0}
    return resolve(FeatureConfig(**{**small, **settings}), sample_rate, window_s)


def make_species(n_classes: int) -> list[SpeciesInfo]:
    return [
        SpeciesInfo(
            species_code=f"spec{index}",
            scientific_name=f"Avis {index}",
            common_name=f"Bird, No. {index}",
        )
        for index in range(n_classes)
    ]


def make_model(path: Path, n_classes: int, spec: MelSpec, seed: int = 0, work: int = 0) -> None:
    """Write an ONNX model: the mean over time of each band, then one linear layer.

    With `work` it does that many convolutions besides, which change nothing and take time.
    """
    weights = generator(seed, "model").normal(size=(spec.n_mels, n_classes)).astype(np.float32)
    axes = numpy_helper.from_array(np.array([1, 3], dtype=np.int64), "axes")
    shape = ["batch", spec.channels, spec.n_mels, spec.n_frames]
    slow, constants = make_work(work, spec.channels)
    last = slow[-1].output[0] if slow else IMAGES
    graph = helper.make_graph(
        [
            *slow,
            helper.make_node("ReduceMean", [last, "axes"], ["bands"], keepdims=0),
            helper.make_node("MatMul", ["bands", "weights"], [LOGITS]),
        ],
        "tiny",
        [helper.make_tensor_value_info(IMAGES, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["batch", n_classes])],
        [axes, numpy_helper.from_array(weights * 4.0, "weights"), *constants],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="oscine"
    )
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def make_work(n: int, channels: int) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes that widen the images, convolve them n times, and come back to the images."""
    if not n:
        return [], []
    wide = 64
    kernel = np.zeros((wide, wide, 9, 9), dtype=np.float32)
    kernel[np.arange(wide), np.arange(wide), 4, 4] = 1.0
    copies = np.zeros((wide, channels, 1, 1), dtype=np.float32)
    copies[np.arange(channels), np.arange(channels)] = 1.0
    convolutions = [
        helper.make_node("Conv", [f"wide{i}", "kernel"], [f"wide{i + 1}"], pads=[4, 4, 4, 4])
        for i in range(n)
    ]
    nodes = [
        helper.make_node("Conv", [IMAGES, "copies"], ["wide0"]),
        *convolutions,
        helper.make_node("Conv", [f"wide{n}", "back"], ["same"]),
    ]
    arrays = {"kernel": kernel, "copies": copies, "back": copies.transpose(1, 0, 2, 3).copy()}
    return nodes, [numpy_helper.from_array(array, name) for name, array in arrays.items()]


def make_info(n_classes: int = 3, **fields: object) -> BundleInfo:
    """What a tiny bundle says of itself; `fields` say it otherwise."""
    usual = {
        "format_version": FORMAT_VERSION,
        "name": "tiny",
        "created": "2026-01-01T00:00:00+00:00",
        "species": make_species(n_classes),
        "features": make_spec().to_plain(),
        "activation": "sigmoid",
        "versions": {"oscine": "0.1.0"},
        "licenses": {"CC0": 1},
        "training": {},
    }
    return BundleInfo(**(usual | fields))


def make_bundle(
    path: Path,
    n_classes: int = 3,
    spec: MelSpec | None = None,
    activation: str = "sigmoid",
    seed: int = 0,
    work: int = 0,
) -> Bundle:
    """Write a whole bundle; its golden scores are computed here, not by the code under test."""
    spec = spec or make_spec()
    path.mkdir(parents=True)
    make_model(path / MODEL_FILE, n_classes, spec, seed, work)
    save_file({"weight": np.zeros(1, dtype=np.float32)}, path / WEIGHTS_FILE)
    waveforms = generator(seed, "golden").normal(0, 0.1, size=(4, spec.n_samples))
    waveforms = waveforms.astype(np.float32)
    scores = slow_scores(path / MODEL_FILE, LogMel(spec)(waveforms), activation)
    write_golden(path, waveforms, scores)
    info = make_info(n_classes, features=spec.to_plain(), activation=activation)
    write_info(path, info)
    return read_bundle(path)


def slow_scores(model_path: Path, images: np.ndarray, activation: str) -> np.ndarray:
    """The tiny model in NumPy, in double precision."""
    model = onnx.load(model_path)
    weights = next(numpy_helper.to_array(t) for t in model.graph.initializer if t.name == "weights")
    logits = images.astype(np.float64).mean(axis=(1, 3)) @ weights
    if activation == "sigmoid":
        return (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def make_waveform(duration_s: float, sample_rate: int = 8000, seed: int = 0) -> np.ndarray:
    """Noise under tones that wander, so that no two windows score alike."""
    n_samples = int(duration_s * sample_rate)
    noise = generator(seed, "noise").normal(0, 0.05, size=n_samples)
    time_s = np.arange(n_samples) / sample_rate
    tone = 0.3 * np.sin(2 * np.pi * (600 + 40 * time_s) * time_s)
    return (noise + tone).astype(np.float32)


def make_recording(path: Path, duration_s: float, sample_rate: int = 8000, seed: int = 0) -> Path:
    """Write a recording; the suffix says the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, make_waveform(duration_s, sample_rate, seed), sample_rate)
    return path


def make_scan(
    folder: Path,
    formats: tuple[str, ...] = (),
    threshold: float = 0.5,
    spec: MelSpec | None = None,
) -> ScanResult:
    """Scan two recordings, soundscape_0.wav and soundscape_1.wav, of 8.3 s."""
    make_bundle(folder / "bundle", spec=spec)
    for index in range(2):
        make_recording(folder / "audio" / f"soundscape_{index}.wav", 8.3, seed=index)
    config = ScanConfig(formats=formats, threshold=threshold)
    return scan([folder / "bundle"], [folder / "audio"], config, folder / "out")


def make_annotated_scan(folder: Path, n_recordings: int = 6) -> tuple[Path, Path, Path]:
    """Make a bundle, its scan of recordings of 12 s, and annotations that follow the scores.

    spec0 is heard where its score is high, spec1 the more often the higher, spec2 never.

    Returns:
        The bundle, the scan, and the annotations in the form of 2026.
    """
    bundle = make_bundle(folder / "bundle")
    for number in range(n_recordings):
        make_recording(folder / "audio" / f"{number}.wav", 12.0, seed=number)
    result = scan([bundle.path], [folder / "audio"], ScanConfig(threshold=0.1), folder / "scan")
    scores = result.scores().collect()
    middle = {code: float(scores[code].median()) for code in ("spec0", "spec1")}
    draws = generator(0, "annotations")
    rows = []
    for row in scores.iter_rows(named=True):
        chance = draws.random()
        heard = ["spec0"] if row["spec0"] > middle["spec0"] else []
        heard += ["Avis 1"] if chance < (0.8 if row["spec1"] > middle["spec1"] else 0.2) else []
        name, start_s = Path(row["filepath"]).name, row["start_s"]
        rows.append(f"{name},{start_s},{row['end_s']},{';'.join(heard) or 'nocall'}")
    path = folder / "train_soundscapes_labels.csv"
    path.write_text("filename,start,end,primary_label\n" + "\n".join(rows) + "\n")
    return bundle.path, folder / "scan", path
