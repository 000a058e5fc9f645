"""How fast the two front ends are: `python benchmarks/features.py`.

Clips of 10 s at 32 kHz become log-mel images of 128 x 384 (n_fft 2048), in batches of 1, 16 and 64
on two threads, by turns with NumPy's front end, with torch's, with the plain formulation
(`torch.stft`, squared magnitude, one product with the filterbank, decibels), and with librosa,
which has no threads. All end in decibels above a floor. The last line is one JSON object of
ratios; above 1 means that oscine is faster.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

import librosa
import numpy as np
import torch

from oscine.core import generator
from oscine.features import FeatureConfig, LogMel, MelSpec, mel_filterbank, resolve
from oscine.features.mel_torch import LogMel as TorchLogMel

BATCHES = (1, 16, 64)
THREADS = 2
N_REPEATS = 7


def main() -> None:
    torch.set_num_threads(THREADS)
    spec = resolve(FeatureConfig(scaling="none"), 32_000, 10.0)
    ratios: dict[str, float] = {}
    for batch in BATCHES:
        ratios |= bench(spec, batch)
    print(json.dumps({name: round(value, 2) for name, value in ratios.items()}))


def bench(spec: MelSpec, batch: int) -> dict[str, float]:
    waveforms = generator(0, "bench").normal(0, 0.1, (batch, spec.n_samples)).astype(np.float32)
    tensors = torch.from_numpy(waveforms)
    in_numpy, in_torch = LogMel(spec, THREADS), TorchLogMel(spec)
    plain = Plain(spec)
    few = waveforms[: min(batch, 4)]
    numpy_s, torch_s, plain_s, librosa_s = take_turns(
        [
            lambda: in_numpy(waveforms),
            lambda: in_torch(tensors),
            lambda: plain(tensors),
            lambda: [with_librosa(clip, spec) for clip in few],
        ]
    )
    librosa_s *= batch / len(few)
    names = ("numpy", "torch", "plain", "librosa")
    for name, seconds in zip(names, (numpy_s, torch_s, plain_s, librosa_s), strict=True):
        print(f"batch {batch:2d} {name:>8}: {1e3 * seconds / batch:7.2f} ms a clip")
    return {
        f"numpy_speedup_vs_plain_torch_{batch}": plain_s / numpy_s,
        f"torch_speedup_vs_plain_torch_{batch}": plain_s / torch_s,
        f"numpy_speedup_vs_librosa_{batch}": librosa_s / numpy_s,
        f"torch_speedup_vs_librosa_{batch}": librosa_s / torch_s,
    }


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


def take_turns(runs: Sequence[Callable[[], object]]) -> list[float]:
    """Time each run several times by turns; the best of each, s."""
    best = [float("inf")] * len(runs)
    for run in runs:
        run()
    for _ in range(N_REPEATS):
        for place, run in enumerate(runs):
            started = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main()
