"""Recordings through libsndfile: wav, flac, ogg Vorbis and Opus, mp3, aiff and their kin."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from oscine.core import AudioError, Reason

FULL_SCALE_BITS = {"PCM_U8": 8, "PCM_S8": 8}
"""Bits a sample of the formats coarser than 16 bits; finer and lossy ones are judged as 16 bits."""

UNSTATED = frozenset({0, 0x7FFFFFFF, 0xFFFFFFFF})
"""Sizes that a recorder writes when it streams and does not know the length."""


PREROLL_FRAMES = {"MPEG_LAYER_III": 12 * 1152}
"""Audio decoded and dropped after a seek. An mp3 frame may start up to 511 bytes back, which at
32 kbit/s is nine frames; libsndfile goes back by one, and the frames that lack their start come out
wrong (measured on a real 47 kbit/s file: off by 42 % of its peak)."""

TAIL_FRAMES = {"VORBIS": 255 * 1024}
"""End of a file that is reached by reading, not by seeking. libsndfile counts back from a page's
end; where the last page was cut to the recording's length, its seeks land up to a block early or
late (178 of 225 real files: by 202 to 631 samples). A page holds 255 packets of 1024 at most."""

EXACT_SIZES = frozenset({"PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"})
"""Formats whose length in frames follows from their length in bytes."""


class _Sequential(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A file that soundfile does not seek after every read.

    soundfile seeks to where a read has ended, for files that it may also write. In an mp3 that
    costs a tenth of the time, and the first frames of the next read (see `PREROLL_FRAMES`).
    """

    def seekable(self) -> bool:
        return False


def sound_name(path: Path) -> str | bytes:
    """Name a file to libsndfile; a name from an old disk need not be text."""
    return os.fsencode(path) if os.name == "posix" else str(path)


class SndfileReader:
    """An open recording at its native rate; see `oscine.audio.readers.Reader`.

    Args:
        path: The audio file.

    Raises:
        AudioError: The file is missing, empty, or nothing that libsndfile knows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = _Sequential(sound_name(path))
        # TypeError: soundfile takes a file named .raw for headerless, and asks for its rate.
        except (soundfile.LibsndfileError, TypeError, OSError) as error:
            raise _refusal(path, error) from error
        self.sample_rate: int = self._file.samplerate
        self.n_channels: int = self._file.channels
        known = 0 <= self._file.frames < np.iinfo(np.int64).max
        self.n_frames: int = self._file.frames if known else 0
        bits = FULL_SCALE_BITS.get(self._file.subtype, 16)
        self.full_scale = 1.0 - 2.0 ** (1 - bits)
        # The same values as libsndfile's own conversion, five times as fast.
        self._dtype = "int16" if self._file.subtype == "PCM_16" else "float32"
        self.position = 0

    def promised_frames(self) -> int:
        """Give the length in the header; libsndfile itself shortens a wav's to what is there."""
        if self._file.format not in {"WAV", "WAVEX"} or self._file.subtype not in EXACT_SIZES:
            return self.n_frames
        return max(self.n_frames, _riff_frames(self._path))

    def seek(self, frame: int) -> None:
        """Go to a frame; beyond the end means to the end."""
        frame = min(frame, self.n_frames) if self.n_frames else frame
        if frame == self.position:
            return
        target = frame - PREROLL_FRAMES.get(self._file.subtype, 0)
        if tail := TAIL_FRAMES.get(self._file.subtype):
            target = min(target, self.n_frames - tail)
        target = max(0, target)
        try:
            self.position = self._file.seek(target)
        except soundfile.LibsndfileError as error:
            raise self._broken(target) from error
        if target < frame:
            self.read(frame - target)

    def read(self, n_frames: int) -> NDArray[np.float32]:
        """Read the next frames, [frames, channels]; fewer only at the end."""
        if self.n_frames:
            n_frames = min(n_frames, self.n_frames - self.position)
        try:
            block = self._file.read(n_frames, dtype=self._dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            raise self._broken(self.position) from error
        self.position += len(block)
        if self._dtype == "int16":
            block = np.multiply(block, np.float32(2.0**-15), dtype=np.float32)
        waveform: NDArray[np.float32] = block
        return waveform

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _broken(self, frame: int) -> AudioError:
        return AudioError(
            f"decoding breaks off somewhere after {frame / self.sample_rate:.3f} s of the "
            f"{self.n_frames / self.sample_rate:.3f} s that its header promises",
            reason=Reason.TRUNCATED,
            where=self._path,
            fix="fetch it again, or leave it out",
        )


def _refusal(path: Path, error: Exception) -> AudioError:
    """Tell a missing and an empty file from one that is no audio."""
    if not path.exists():
        return AudioError("no such file", reason=Reason.MISSING, where=path, fix="check the path")
    if path.is_file() and path.stat().st_size == 0:
        return AudioError(
            "the file has no bytes", reason=Reason.EMPTY, where=path, fix="fetch it again"
        )
    text = getattr(error, "error_string", "") or str(error) or type(error).__name__
    return AudioError(text.strip(), reason=Reason.UNREADABLE, where=path)


def _riff_frames(path: Path) -> int:
    """Read how many frames the `data` header of a RIFF file states; 0: it states none."""
    with path.open("rb") as stream:
        if stream.read(12)[:4] != b"RIFF":
            return 0
        block_align = 0
        while len(header := stream.read(8)) == 8:
            name, size = struct.unpack("<4sI", header)
            if name == b"fmt ":
                block_align = int.from_bytes(stream.read(size)[12:14], "little")
                size = 0
            elif name == b"data":
                return 0 if size in UNSTATED or not block_align else int(size) // block_align
            stream.seek(size + size % 2, 1)
    return 0
