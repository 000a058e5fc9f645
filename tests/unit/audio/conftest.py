"""Recordings to test on: noise and a whistle, written in any container, rate and channel count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from oscine.core import generator

PLAIN_AAC = {"b": "128000", "aac_pns": "0"}
FFMPEG = {
    ".pns.m4a": ("mp4", "aac", {"b": "128000"}),
    ".m4a": ("mp4", "aac", PLAIN_AAC),
    ".aac": ("adts", "aac", PLAIN_AAC),
    ".mkv": ("matroska", "aac", PLAIN_AAC),
    ".lo.mp3": ("mp3", "libmp3lame", {"b": "32000"}),
}
"""What libsndfile cannot write: container, codec and options by the file's ending. Phones encode
AAC without noise substitution (PNS); `.pns.m4a` is one with it, `.lo.mp3` an mp3 of 32 kbit/s."""

Recorder = Callable[..., Path]


def song(rate: int, seconds: float, n_channels: int = 1) -> np.ndarray:
    """Noise with a whistle, [frames, channels]; each channel has its own noise."""
    n = int(seconds * rate + 0.5)
    time_s = np.arange(n) / rate
    noise = 0.05 * generator(3, "song", rate, n_channels).standard_normal((n, n_channels))
    whistle = 0.3 * np.sin(2 * np.pi * rate * (0.1 * time_s + 0.01 * np.sin(time_s)))
    return (whistle[:, None] + noise).astype(np.float32)


@pytest.fixture
def record(tmp_path: Path) -> Recorder:
    """Write a recording: record("a.ogg", rate=44_100, seconds=3.0, channels=2, **soundfile)."""

    def write(
        name: str,
        rate: int = 44_100,
        seconds: float = 3.0,
        channels: int = 1,
        waveform: np.ndarray | None = None,
        **options: str,
    ) -> Path:
        path = tmp_path / name
        if waveform is None:
            waveform = song(rate, seconds, channels)
        waveform = waveform.reshape(len(waveform), -1)
        for ending, (container, codec, settings) in FFMPEG.items():
            if name.endswith(ending):
                with av.open(str(path), "w", format=container) as out:
                    _encode(out, codec, settings, waveform, rate)
                return path
        with soundfile.SoundFile(path, "w", rate, waveform.shape[1], **options) as file:
            # In pieces: libsndfile crashes on a long Vorbis write.
            for start in range(0, len(waveform), 1 << 16):
                file.write(waveform[start : start + (1 << 16)])
        return path

    return write


def _encode(out, codec: str, settings: dict[str, str], waveform: np.ndarray, rate: int) -> None:
    layout = {1: "mono", 2: "stereo"}[waveform.shape[1]]
    stream = out.add_stream(codec, rate=rate, layout=layout, options=settings)
    for start in range(0, len(waveform), 1024):
        block = np.ascontiguousarray(waveform[start : start + 1024].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, start
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


@pytest.fixture
def cut(tmp_path: Path) -> Callable[[Path, float], Path]:
    """Copy the first part of a file's bytes, as a broken download leaves it."""

    def copy(path: Path, part: float) -> Path:
        data = path.read_bytes()
        cut_path = tmp_path / f"cut-{path.name}"
        cut_path.write_bytes(data[: int(len(data) * part)])
        return cut_path

    return copy
