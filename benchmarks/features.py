"""How fast the two front ends are: `python benchmarks/features.py`.

Clips of 10 s at 32 kHz become log-mel images (n_fft 2048, hop 512, 128 mels), in batches of 1, 16
and 64 on two threads, by turns with NumPy's front end, with torch's, with the plain formulation
(`torch.stft`, squared magnitude, one product with the filterbank, decibels), and with librosa,
which has no threads. All end in decibels above a floor. Then a batch of 16 is augmented, by turns
with torch's front end: with the reference recipe's augmentations at their default chances, and with
all that oscine has at a chance of a half each. The last line is one JSON object of ratios; above 1
means that oscine is faster, but for `augment_over_features` (the reference's set) and
`augment_all_over_features`, which are shares. Those without a batch size are of a batch of 16.
"""

from __future__ import annotations

import json

import librosa
import numpy as np
import torch

from decode import take_turns
from oscine.augment import AugmentConfig
from oscine.augment.augmenter import Augmenter
from oscine.augment.background import Background
from oscine.augment.draws import Draws
from oscine.core import generator
from oscine.features import FeatureConfig, LogMel, MelSpec, mel_filterbank, resolve
from oscine.features.mel_torch import LogMel as TorchLogMel

BATCHES = (1, 16, 64)
BATCH = 16
THREADS = 2
N_CALLS = 4
"""Calls a turn: the first after another's turn finds the caches and the allocator cold."""


def main() -> None:
    torch.set_num_threads(THREADS)
    spec = resolve(FeatureConfig(scaling="none", n_frames=None, hop_length=512), 32_000, 10.0)
    ratios: dict[str, float] = {}
    for batch in BATCHES:
        ratios |= bench(spec, batch)
    ratios |= bench_augment(spec)
    ratios |= {
        "numpy_speedup_vs_plain_torch": ratios["numpy_speedup_vs_plain_torch_16"],
        "torch_speedup_vs_plain_torch": ratios["torch_speedup_vs_plain_torch_16"],
        "speedup_vs_librosa": ratios["numpy_speedup_vs_librosa_16"],
    }
    print(json.dumps({name: round(value, 2) for name, value in ratios.items()}))


def bench(spec: MelSpec, batch: int) -> dict[str, float]:
    waveforms = generator(0, "bench").normal(0, 0.1, (batch, spec.n_samples)).astype(np.float32)
    tensors = torch.from_numpy(waveforms)
    in_numpy, in_torch = LogMel(spec, THREADS), TorchLogMel(spec)
    plain = Plain(spec)
    few = waveforms[: min(batch, 4)]
    numpy_s, torch_s, plain_s, librosa_s = take_turns(
        [
            lambda: [in_numpy(waveforms) for _ in range(N_CALLS)],
            lambda: [in_torch(tensors) for _ in range(N_CALLS)],
            lambda: [plain(tensors) for _ in range(N_CALLS)],
            lambda: [with_librosa(clip, spec) for clip in few],
        ]
    )
    librosa_s *= N_CALLS * batch / len(few)
    names = ("numpy", "torch", "plain", "librosa")
    for name, seconds in zip(names, (numpy_s, torch_s, plain_s, librosa_s), strict=True):
        print(f"batch {batch:2d} {name:>8}: {1e3 * seconds / batch / N_CALLS:7.2f} ms a clip")
    return {
        f"numpy_speedup_vs_plain_torch_{batch}": plain_s / numpy_s,
        f"torch_speedup_vs_plain_torch_{batch}": plain_s / torch_s,
        f"numpy_speedup_vs_librosa_{batch}": librosa_s / numpy_s,
        f"torch_speedup_vs_librosa_{batch}": librosa_s / torch_s,
    }


def bench_augment(spec: MelSpec) -> dict[str, float]:
    waveforms = torch.from_numpy(
        generator(0, "bench").normal(0, 0.1, (BATCH, spec.n_samples)).astype(np.float32)
    )
    targets = torch.eye(BATCH)
    features = TorchLogMel(spec)
    images = features(waveforms)
    draws = [Draws(0, epoch, tuple(range(BATCH)), torch.device("cpu")) for epoch in range(4)]
    sound = (waveforms[:4].flatten() * 3000).to(torch.int16).numpy()
    reference = Augmenter(AugmentConfig(), spec.sample_rate)
    everything = Augmenter(all_at(0.5), spec.sample_rate, Background([sound]))

    def augment(augmenter: Augmenter) -> None:
        for drawn in draws:
            augmenter.on_waveforms(waveforms, targets, drawn)
            augmenter.on_images(images, targets, drawn)

    features_s, reference_s, everything_s = take_turns(
        [lambda: features(waveforms), lambda: augment(reference), lambda: augment(everything)]
    )
    reference_s, everything_s = reference_s / len(draws), everything_s / len(draws)
    names = ("features", "defaults", "all")
    for name, seconds in zip(names, (features_s, reference_s, everything_s), strict=True):
        print(f"batch {BATCH} {name:>8}: {1e3 * seconds / BATCH:7.2f} ms a clip")
    return {
        "augment_over_features": reference_s / features_s,
        "augment_all_over_features": everything_s / features_s,
    }


def all_at(chance: float) -> AugmentConfig:
    """Switch every augmentation on, at one chance."""
    config = AugmentConfig(waveform_probability=1.0)
    for name in type(config).model_fields:
        part = getattr(config, name)
        if hasattr(part, "probability"):
            part = part.model_copy(update={"probability": chance})
            config = config.model_copy(update={name: part})
    return config


class Plain:
    """The usual formulation, over the whole batch at once."""

    def __init__(self, spec: MelSpec) -> None:
        self.spec = spec
        self.window = torch.hann_window(spec.n_fft)
        self.filterbank = torch.from_numpy(mel_filterbank(spec))

    def __call__(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Compute decibels, [batch, n_mels, n_frames]."""
        spectrum = torch.stft(
            waveforms,
            self.spec.n_fft,
            self.spec.hop_length,
            window=self.window,
            return_complex=True,
        )
        mels = self.filterbank @ spectrum.abs().square()
        level = 10.0 * torch.log10(mels.clamp(min=1e-10))
        return level.maximum(level.amax(dim=(1, 2), keepdim=True) - 80.0)


def with_librosa(waveform: np.ndarray, spec: MelSpec) -> np.ndarray:
    mels = librosa.feature.melspectrogram(
        y=waveform,
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        fmin=spec.f_min_hz,
        fmax=spec.f_max_hz,
    )
    return librosa.power_to_db(mels, top_db=80.0)


if __name__ == "__main__":
    main()
