"""Sound that is like nothing else: chirps at random times and pitches over noise."""

from __future__ import annotations

import numpy as np

from oscine.core import generator


def chirps(seed: int, seconds: float, rate: int = 44_100) -> np.ndarray:
    """Four chirps a second, 0.5 to 8 kHz, each 0.1 to 0.3 s long, [frames]."""
    rng = generator(seed, "chirps")
    time_s = np.arange(round(seconds * rate)) / rate
    waveform = np.zeros(len(time_s))
    for _ in range(round(4 * seconds)):
        start_s, length_s = rng.uniform(0.0, seconds), rng.uniform(0.1, 0.3)
        low_hz, rise_hz = rng.uniform(500.0, 6_000.0), rng.uniform(-400.0, 2_000.0)
        place = np.clip((time_s - start_s) / length_s, 0.0, 1.0)
        phase = 2 * np.pi * length_s * (low_hz * place + 0.5 * rise_hz * place**2)
        waveform += rng.uniform(0.05, 0.2) * np.sin(np.pi * place) ** 2 * np.sin(phase)
    noise = 0.003 * generator(seed, "hiss").standard_normal(len(time_s))
    return (waveform + noise).astype(np.float32)
