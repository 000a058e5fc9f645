"""How close a whole scan comes to the bare ONNX session on images that are there already.

Both sides see the same windows, in the same process, in turn; each figure is a median. The bound is
the fastest of: a session that splits operators over all cores with batches of 1, 4 and 16, and one
window on each core. A scan decodes, resamples, computes features and writes its tables besides,
so on a machine whose cores the bound keeps busy the ratio cannot exceed the model's share of all
the work on the same 32 kHz recording, which is printed as `model_share`.

    python benchmarks/scan.py [--backbone NAME ...] [--minutes N] [--repeats N]

The last line is a JSON object; `scan_over_bound` is bound time / scan time, 1 is perfect;
`scan_over_session` takes only the session with batches, as others run it, for its bound. They are
of the first backbone; `scan_over_bound_BACKBONE` and `model_share_BACKBONE` are of each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime as ort
import soundfile

from oscine.audio import decode
from oscine.core import available_cores, generator, map_ordered
from oscine.features import FeatureConfig, LogMel, MelSpec, resolve
from oscine.infer import Ensemble, ScanConfig, open_ensemble, scan
from oscine.infer.postprocess import detect, smooth
from oscine.infer.streaming import cut_windows
from oscine.infer.tables import Rows, detections_table, scores_table
from oscine.model import FORMAT_VERSION, BundleInfo, SpeciesInfo

SAMPLE_RATE = 32_000
WINDOW_S = 10.0
N_CLASSES = 100
BACKBONES = (
    "tf_efficientnet_b1",
    "tf_efficientnet_lite0",
    "tf_efficientnetv2_s",
    "eca_nfnet_l0",
)
"""The recipes' default, a smaller one, and two that BirdCLEF's winners took."""
SMOOTHING = (0.1, 0.2, 0.4, 0.2, 0.1)


def make_bundle(path: Path, backbone: str, spec: MelSpec | None = None) -> None:
    """Write a bundle with random weights: a scan's speed does not depend on them."""
    import torch

    from oscine.model.classifier import Classifier
    from oscine.model.config import ModelConfig
    from oscine.model.export import write_bundle

    torch.manual_seed(0)
    spec = spec or resolve(FeatureConfig(), SAMPLE_RATE, WINDOW_S)
    codes = [f"species{index}" for index in range(N_CLASSES)]
    info = BundleInfo(
        format_version=FORMAT_VERSION,
        name=backbone,
        created="",
        species=[
            SpeciesInfo(species_code=code, scientific_name="", common_name="") for code in codes
        ],
        features=spec.to_plain(),
        activation="sigmoid",
        versions={},
        licenses={},
        training={},
    )
    golden = generator(0, "golden").normal(0, 0.1, size=(2, spec.n_samples)).astype(np.float32)
    shape = (spec.channels, spec.n_mels, spec.n_frames)
    model = Classifier(ModelConfig(backbone=backbone, pretrain="none"), shape, N_CLASSES)
    write_bundle(path, model.eval(), info, golden)


def make_recording(path: Path, minutes: float, sample_rate: int) -> None:
    """Write an ogg of noise and chirps, in blocks: libsndfile's encoder needs much stack."""
    with soundfile.SoundFile(path, "w", sample_rate, 1, format="OGG", subtype="VORBIS") as file:
        for second in range(int(minutes * 60)):
            time_s = np.arange(sample_rate) / sample_rate
            sweep_hz = 2000 + 3000 * generator(0, "sweep", second).random()
            chirp = np.sin(2 * np.pi * (sweep_hz + 800 * time_s) * time_s) * (time_s % 0.5 < 0.2)
            noise = generator(0, "noise", second).normal(0, 0.02, size=sample_rate)
            file.write((0.2 * chirp + noise).astype(np.float32))


def measure(variants: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Time variants in turn, so that other load falls on all; gives medians, s."""
    times_s: dict[str, list[float]] = {name: [] for name in variants}
    for repeat in range(repeats + 1):
        for name, run in variants.items():
            started = time.perf_counter()
            run()
            if repeat:
                times_s[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in times_s.items()}


def bounds(ensemble: Ensemble, images: np.ndarray) -> dict[str, Callable[[], object]]:
    """The bare session on resident images, in every way that could be the fastest."""
    (predictor,) = ensemble.predictors
    session = ort.InferenceSession(predictor.bundle.model_path, providers=["CPUExecutionProvider"])

    def batched(size: int) -> Callable[[], object]:
        starts = range(0, len(images), size)
        return lambda: [session.run(None, {"images": images[i : i + size]}) for i in starts]

    return {
        **{f"bound, batches of {size}": batched(size) for size in (1, 4, 16)},
        "bound, a window on each core": lambda: list(map_ordered(predictor.score_image, images)),
    }


def stages(ensemble: Ensemble, path: Path, native: Path) -> dict[str, Callable[[], object]]:
    """Each stage of a scan alone, on one core."""
    (predictor,) = ensemble.predictors
    mel = LogMel(predictor.spec)
    n_samples = ensemble.n_samples
    waveforms = [w.waveform for w in cut_windows(
        decode.stream(path, SAMPLE_RATE), n_samples, n_samples)]  # fmt: skip
    images = mel(np.stack(waveforms))
    scores = np.stack([predictor.score_image(image) for image in images])
    start_s = np.arange(len(scores)) * WINDOW_S
    species = ensemble.species

    def post() -> None:
        smoothed = smooth(scores, SMOOTHING)
        rows = Rows(str(path), start_s, start_s + WINDOW_S, smoothed)
        detections_table([(rows.filepath, detect(rows, smoothed >= 0.5))], species)
        scores_table([rows], species)

    def features() -> None:
        for waveform in waveforms:
            mel(waveform[None])

    def decoding(file: Path, rate: int) -> Callable[[], object]:
        return lambda: sum(len(block) for block in decode.stream(file, rate))

    return {
        "decode": decoding(path, SAMPLE_RATE),
        "decode, 44100 Hz": decoding(native, decode.probe(native).sample_rate),
        "decode, resample": decoding(native, SAMPLE_RATE),
        "features": features,
        "model": lambda: [predictor.score_image(image) for image in images],
        "post": post,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backbone", nargs="+", default=BACKBONES)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    figures: dict[str, float] = {}
    with TemporaryDirectory() as name:
        recordings = {rate: Path(name) / f"{rate}.ogg" for rate in (SAMPLE_RATE, 44_100)}
        for rate, path in recordings.items():
            make_recording(path, options.minutes, rate)
        for backbone in options.backbone:
            own = report(Path(name) / backbone, backbone, recordings, options)
            figures = figures or own  # of the first, all of them
            for figure in ("scan_over_bound", "model_share"):
                figures[f"{figure}_{backbone}"] = own[figure]
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def report(
    folder: Path, backbone: str, recordings: dict[int, Path], options: argparse.Namespace
) -> dict[str, float]:
    """Measure one backbone, and say what it came to."""
    make_bundle(folder / "bundle", backbone)
    ensemble = open_ensemble([folder / "bundle"])
    n_samples = ensemble.n_samples
    blocks = decode.stream(recordings[SAMPLE_RATE], SAMPLE_RATE)
    waveforms = np.stack([w.waveform for w in cut_windows(blocks, n_samples, n_samples)])
    images = LogMel(ensemble.specs[0])(waveforms)
    runs = iter(range(1_000_000))

    def scan_afresh(path: Path) -> Callable[[], object]:
        config = ScanConfig(smoothing=SMOOTHING)
        return lambda: scan(ensemble, [path], config, folder / f"out{next(runs)}")

    variants = bounds(ensemble, images)
    variants |= {f"scan, {rate} Hz": scan_afresh(path) for rate, path in recordings.items()}
    wall_s = measure(variants, options.repeats)
    stage_s = measure(stages(ensemble, recordings[SAMPLE_RATE], recordings[44_100]), 3)
    stage_s["resample"] = stage_s.pop("decode, resample") - stage_s["decode, 44100 Hz"]
    print(f"{backbone}, {len(images)} windows of {WINDOW_S:g} s, {available_cores()} cores")
    return tell(wall_s, stage_s, len(images), options.minutes * 60)


def tell(
    wall_s: dict[str, float], stage_s: dict[str, float], n_windows: int, duration_s: float
) -> dict[str, float]:
    """Print what was measured, and give the figures."""
    bound_s = min(seconds for what, seconds in wall_s.items() if what.startswith("bound"))
    session_s = min(seconds for what, seconds in wall_s.items() if "batches" in what)
    scan_s, resampled_s = wall_s[f"scan, {SAMPLE_RATE} Hz"], wall_s["scan, 44100 Hz"]
    for what, seconds in wall_s.items():
        print(f"  {what:30} {seconds:7.3f} s  {bound_s / seconds:5.2f}")
    print("each stage alone, on one core")
    for what, seconds in stage_s.items():
        print(f"  {what:30} {seconds:7.3f} s  {1e3 * seconds / n_windows:5.2f} ms a window")
    work_s = sum(stage_s[what] for what in ("decode", "features", "model", "post"))
    return {
        "scan_over_bound": bound_s / scan_s,
        "scan_over_bound_resampled": bound_s / resampled_s,
        "scan_over_session": session_s / scan_s,
        "model_share": stage_s["model"] / work_s,
        "scan_realtime_factor": duration_s / scan_s,
        **{
            f"stage_{what.replace(', 44100 Hz', '_44100')}_ms": 1e3 * seconds / n_windows
            for what, seconds in stage_s.items()
        },
    }


if __name__ == "__main__":
    main()
