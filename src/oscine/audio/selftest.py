"""Whether each kind of recording can be decoded here: a tiny one is made on the spot, and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from oscine.audio.decode import read
from oscine.core import AudioError

SAMPLE_RATE = 32_000
DURATION_S = 0.5
PITCH_HZ = 2000.0

LEAST_LEVEL = 0.1
"""The tone has a root mean square of 0.35; lossy codecs keep most of it."""

SNDFILE_KINDS: Mapping[str, tuple[str, str]] = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
"""What libsndfile writes: our name -> its format and subtype."""

KINDS = (*SNDFILE_KINDS, "m4a")
"""The kinds that are tried."""


def try_decoding(kind: str) -> str | None:
    """Make a tone of a kind, and decode it at another rate.

    Args:
        kind: One of `KINDS`.

    Returns:
        What went wrong, in a sentence; None: it decodes.
    """
    time_s = np.arange(int(DURATION_S * SAMPLE_RATE)) / SAMPLE_RATE
    tone = (0.5 * np.sin(2 * np.pi * PITCH_HZ * time_s)).astype(np.float32)
    with TemporaryDirectory(prefix="oscine-") as name:
        path = Path(name) / f"tone.{kind}"
        try:
            _write(path, kind, tone)
        except Exception as error:  # each library has kinds of its own; none may end the doctor
            return f"no tone can be written to try it: {type(error).__name__}: {error}"
        try:
            heard = read(path, SAMPLE_RATE // 2)
        except AudioError as error:
            return error.what
    level = float(np.sqrt(np.mean(heard**2)))
    if abs(len(heard) / (SAMPLE_RATE // 2) - DURATION_S) > 0.2 or level < LEAST_LEVEL:
        return f"a tone comes back otherwise: {len(heard)} samples of level {level:.3f}"
    return None


def _write(path: Path, kind: str, tone: np.ndarray) -> None:
    if kind in SNDFILE_KINDS:
        form, subtype = SNDFILE_KINDS[kind]
        soundfile.write(path, tone, SAMPLE_RATE, format=form, subtype=subtype)
        return
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
