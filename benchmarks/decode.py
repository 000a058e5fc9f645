"""How fast the audio floor is, over the bare libraries: `python benchmarks/decode.py [FOLDER]`.

Windows of 10 s at 32 kHz are read at random places of the recordings in FOLDER (default: generated
ogg, mp3 and wav files, a minute each), by turns with oscine and with the shortest loop over
libsndfile and soxr that gives such a window (without the margins, checks and pre-roll that make it
right). One thread. The last line is one JSON object of ratios; above 1 means oscine is faster.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from oscine.audio import DecodeCache, measure, read
from oscine.core import generator, hash_file

SAMPLE_RATE = 32_000
WINDOW_S = 10.0
N_WINDOWS = 60
N_REPEATS = 3
SUFFIXES = (".ogg", ".mp3", ".wav")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else generate(Path(scratch) / "audio")
        ratios: dict[str, float] = {}
        for suffix in SUFFIXES:
            files = sorted(folder.rglob(f"*{suffix}"))
            files = [file for file in files if soundfile.info(file).duration > WINDOW_S][:40]
            if files:
                ratios |= bench(suffix[1:], files, Path(scratch) / "cache")
        print(json.dumps({name: round(value, 3) for name, value in ratios.items()}))


def bench(kind: str, files: Sequence[Path], cache_folder: Path) -> dict[str, float]:
    windows = [
        (files[i % len(files)], float(generator(0, "bench", i).uniform())) for i in range(N_WINDOWS)
    ]
    windows = [(f, at * (soundfile.info(f).duration - WINDOW_S)) for f, at in windows]
    cache = DecodeCache(cache_folder, SAMPLE_RATE, "mean", budget_gb=20)
    hashes = {file: hash_file(file) for file in files}
    cache.build([(file, hashes[file], soundfile.info(file).duration) for file in files])

    bare, ours, cached = take_turns(
        [
            lambda: [bare_read(*window) for window in windows],
            lambda: [read(file, SAMPLE_RATE, start_s, WINDOW_S) for file, start_s in windows],
            lambda: [cache.read(hashes[file], start_s, WINDOW_S) for file, start_s in windows],
        ]
    )
    for name, seconds in (("bare", bare), ("read", ours), ("cache", cached)):
        print(f"{kind:>4} {name:>8}: {N_WINDOWS / seconds:9.1f} windows/s")

    some = files[:8]
    total_s = sum(soundfile.info(file).duration for file in some)
    loop, measured, marked = take_turns(
        [
            lambda: [bare_loop(file) for file in some],
            lambda: [measure(file) for file in some],
            lambda: [measure(file, fingerprint=True) for file in some],
        ]
    )
    for name, seconds in (("loop", loop), ("measure", measured), ("landmark", marked)):
        print(f"{kind:>4} {name:>8}: {total_s / seconds:9.0f} s of audio/s")
    return {
        f"{kind}_read_over_bare": bare / ours,
        f"{kind}_cache_over_read": ours / cached,
        f"{kind}_measure_over_loop": loop / measured,
        f"{kind}_landmarks_over_loop": loop / marked,
    }


def bare_read(path: Path, start_s: float) -> np.ndarray:
    with soundfile.SoundFile(path) as file:
        file.seek(int(start_s * file.samplerate))
        block = file.read(int(WINDOW_S * file.samplerate), dtype="float32", always_2d=True)
        mono = block.mean(axis=1) if file.channels > 1 else block[:, 0]
        return soxr.resample(mono, file.samplerate, SAMPLE_RATE)


def bare_loop(path: Path) -> None:
    with soundfile.SoundFile(path) as file:
        buffer = np.empty((1 << 17) // file.channels * file.channels, np.float32)
        buffer = buffer.reshape(-1, file.channels)
        while len(file.read(dtype="float32", out=buffer, always_2d=True)) == len(buffer):
            pass


def take_turns(works: Sequence[Callable[[], object]]) -> list[float]:
    """Time each work in turn, several times over, and keep each one's best: fair on a busy box."""
    best = [float("inf")] * len(works)
    for _ in range(N_REPEATS):
        for i, work in enumerate(works):
            started = time.perf_counter()
            work()
            best[i] = min(best[i], time.perf_counter() - started)
    return best


def generate(folder: Path) -> Path:
    """Write recordings of noise and whistles, with the rates and channels of common catalogs."""
    folder.mkdir()
    for i, (suffix, rate, channels) in enumerate(
        [(".ogg", 44_100, 1), (".mp3", 48_000, 2), (".wav", 44_100, 1)] * 2
    ):
        rng = generator(1, "bench-audio", i)
        time_s = np.arange(60 * rate) / rate
        whistle = 0.3 * np.sin(2 * np.pi * (3000 * time_s + 300 * np.sin(2 * time_s)))
        noise = 0.03 * rng.standard_normal((len(time_s), channels))
        with soundfile.SoundFile(folder / f"{i}{suffix}", "w", rate, channels) as file:
            # By the second: libsndfile crashes on a long Vorbis write.
            for second in np.split(whistle[:, None] + noise, 60):
                file.write(second)
    return folder


if __name__ == "__main__":
    main()
