"""What the two decoders promise each other's callers, and which of them opens a file.

libsndfile goes first (wav, flac, ogg, opus, mp3: fast, exact seeks); FFmpeg takes what it refuses
(m4a, aac, and files whose header libsndfile cannot make sense of). Both sniff the content, so a
wrong file extension does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oscine.audio.ffmpeg import FfmpegReader
from oscine.audio.sndfile import SndfileReader
from oscine.core import (
    AudioError,
    Location,
    Reason,
    RemoteError,
    is_remote,
    local_file,
    location,
    shown,
)

Float32 = NDArray[np.float32]

TRUNCATION_SLACK_S = 0.1
"""How much less than its header promises a recording may hold: a few frames of a lossy codec,
whose encoders count their own delay differently."""


class Reader(Protocol):
    """An open recording at its native rate; one thread at a time."""

    @property
    def sample_rate(self) -> int:
        """Native rate, Hz."""

    @property
    def n_channels(self) -> int:
        """Native channels."""

    @property
    def n_frames(self) -> int:
        """Length as the decoder knows it before decoding, frames; 0: it does not know."""

    @property
    def full_scale(self) -> float:
        """The greatest value that the format holds without clipping."""

    @property
    def position(self) -> int:
        """The frame that is read next."""

    def promised_frames(self) -> int:
        """Length that the file's header states, frames, whatever the file holds."""

    def seek(self, frame: int) -> None:
        """Go to a frame; beyond the end means to the end."""

    def read(self, n_frames: int) -> Float32:
        """Read the next frames, [frames, channels]; fewer only at the end."""

    def close(self) -> None:
        """Close the file."""


@contextmanager
def open_reader(path: str | Location) -> Iterator[Reader]:
    """Open a recording with the decoder that understands it.

    Args:
        path: The audio file; of a remote one the local copy is read.

    Yields:
        A reader at the first frame.

    Raises:
        AudioError: The file is missing, empty, or neither decoder can open it. What goes wrong
            while the reader is used names the file by `path` too.
        RemoteError: A remote place cannot be reached: no fault of this file.
    """
    place = location(path)
    try:
        reader = _open(local_recording(place))
        try:
            yield reader
        finally:
            reader.close()
    except AudioError as error:
        if is_remote(place):
            error.where = shown(place)
        raise


def local_recording(path: str | Location) -> Path:
    """Give the local path of a recording; a remote one is fetched, unless its copy is current.

    Raises:
        AudioError: A remote place has no such file, or does not give it to us.
        RemoteError: It cannot be reached: no fault of this file, and no reason to leave it out.
    """
    try:
        return local_file(path)
    except RemoteError as error:
        if error.kind == "unreachable":
            raise
        reason = Reason.MISSING if error.kind == "missing" else Reason.UNREADABLE
        raise AudioError(error.what, reason=reason, where=error.where, fix=error.fix) from error


def _open(path: Path) -> Reader:
    try:
        return SndfileReader(path)
    except AudioError as refusal:
        if refusal.reason is not Reason.UNREADABLE:
            raise
        try:
            return FfmpegReader(path)
        except AudioError as error:
            if error.reason is not Reason.UNREADABLE:
                raise
            raise AudioError(
                f"no decoder can open it: libsndfile says {refusal.what!r}; "
                f"FFmpeg says {error.what!r}",
                reason=Reason.UNREADABLE,
                where=path,
                fix="convert it, or leave it out",
            ) from error


def shortfall(reader: Reader) -> str | None:
    """Say what is missing when a reader has come to its end before its header's promise.

    Returns:
        One sentence, or None when the promise is kept to within `TRUNCATION_SLACK_S`.
    """
    rate = reader.sample_rate
    promised = reader.promised_frames()
    if reader.position >= promised - TRUNCATION_SLACK_S * rate:
        return None
    return f"its header promises {promised / rate:.3f} s, it holds {reader.position / rate:.3f} s"
