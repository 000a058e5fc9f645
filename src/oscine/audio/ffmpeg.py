"""Recordings through FFmpeg (PyAV): m4a, aac, and whatever libsndfile refuses.

A lossy frame overlaps its neighbours, so after a seek decoding starts a few frames early and the
first ones are thrown away. Only containers whose timestamps are exact to the sample are seeked at
all; in the others (raw aac, Matroska with its millisecond clock) decoding runs from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from oscine.core import AudioError, Reason

PREROLL_FRAMES = 8192
"""Audio decoded and dropped after a seek: four of the longest AAC frames."""

EXACT_TIMES = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "wav", "aiff", "caf"})
"""Containers whose timestamps are exact to the sample."""

BARE_STREAMS = frozenset({"aac", "mp3", "ac3", "eac3", "loas"})
"""Containers without a header: FFmpeg guesses their length from the bit rate, so count instead."""


class FfmpegReader:
    """An open recording at its native rate; see `oscine.audio.readers.Reader`.

    Its `n_frames` may differ from what decodes by a codec frame or two, since containers count
    the encoder's delay differently.

    Args:
        path: The audio file.

    Raises:
        AudioError: FFmpeg cannot open it, or finds no audio in it.
    """

    full_scale = 1.0 - 2.0**-15

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: Any = None
        self._blocks: Iterator[tuple[int | None, NDArray[np.float32]]] = iter(())
        self.sample_rate = 0
        self.position = 0
        try:
            self._restart()
            self._origin, self._rest = next(self._blocks)
            self.n_channels: int = self._rest.shape[0]
            self.n_frames = self._count_frames()
        except StopIteration:
            self.close()
            raise self._error("its audio stream holds nothing", Reason.EMPTY) from None
        except BaseException:
            self.close()
            raise

    def promised_frames(self) -> int:
        """Give the length that the container states, frames."""
        return self.n_frames

    def seek(self, frame: int) -> None:
        """Go to a frame; beyond the end means to the end."""
        if frame < self.position:
            self._restart()
        far = frame - self.position > 2 * PREROLL_FRAMES
        if far and self._container.format.name in EXACT_TIMES:
            self._jump(frame)
        while self.position < frame and len(self.read(min(frame - self.position, 1 << 16))):
            pass

    def read(self, n_frames: int) -> NDArray[np.float32]:
        """Read the next frames, [frames, channels]; fewer only at the end."""
        parts, have = [self._rest], self._rest.shape[1]
        while have < n_frames and (item := next(self._blocks, None)) is not None:
            parts.append(item[1])
            have += item[1].shape[1]
        if len({len(part) for part in parts}) > 1:
            raise self._error("the channels change on the way", Reason.UNREADABLE)
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        self._rest = whole[:, n_frames:]
        taken: NDArray[np.float32] = whole[:, :n_frames].T
        self.position += len(taken)
        return taken

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()

    def _restart(self) -> None:
        """Open the file anew: the only way back to the start that every container supports."""
        self.close()
        try:
            self._container = av.open(str(self._path), metadata_errors="ignore")
        except (av.FFmpegError, OSError) as error:
            raise self._error(error.strerror or str(error), Reason.UNREADABLE) from error
        if not self._container.streams.audio:
            raise self._error("no audio stream", Reason.UNREADABLE)
        self._blocks = self._decode()
        self._rest = np.empty((self.n_channels if self.sample_rate else 0, 0), np.float32)
        self.position = 0

    def _jump(self, frame: int) -> None:
        """Seek so that at least `PREROLL_FRAMES` decode before `frame`; else stay at the start."""
        stream = self._container.streams.audio[0]
        per_tick = float(stream.time_base) * self.sample_rate
        origin = self._origin or 0
        try:
            self._container.seek(origin + int((frame - PREROLL_FRAMES) / per_tick), stream=stream)
        except (av.FFmpegError, OSError):
            self._restart()  # and decode from the start instead
            return
        self._blocks = self._decode()
        time, block = next(self._blocks, (None, self._rest))
        position = None if time is None else round((time - origin) * per_tick)
        if position is None or position > frame:
            self._restart()
        else:
            self.position, self._rest = position, block

    def _decode(self) -> Iterator[tuple[int | None, NDArray[np.float32]]]:
        """Yield each decoded frame's timestamp and its waveform, [channels, frames]."""
        resampler: Any = None
        try:
            for frame in self._container.decode(audio=0):
                if not self.sample_rate:
                    self.sample_rate = frame.sample_rate
                if resampler is None:
                    resampler = av.AudioResampler("fltp", frame.layout, self.sample_rate)
                for same in resampler.resample(frame):
                    yield frame.pts, same.to_ndarray()
        except (av.FFmpegError, OSError, ValueError) as error:
            at_s = self.position / max(1, self.sample_rate)
            reason = Reason.TRUNCATED if self.sample_rate else Reason.UNREADABLE
            said = getattr(error, "strerror", None) or error
            what = f"decoding breaks off after {at_s:.3f} s: {said}"
            raise self._error(what, reason) from error

    def _count_frames(self) -> int:
        stream = self._container.streams.audio[0]
        if self._container.format.name in BARE_STREAMS:
            with av.open(str(self._path), metadata_errors="ignore") as container:
                try:
                    ticks = sum(packet.duration or 0 for packet in container.demux(audio=0))
                except (av.FFmpegError, OSError) as error:
                    raise self._error("its packets cannot be counted", Reason.UNREADABLE) from error
            return int(ticks * stream.time_base * self.sample_rate)
        if stream.duration is not None:
            return int(stream.duration * stream.time_base * self.sample_rate)
        return (self._container.duration or 0) * self.sample_rate // int(av.time_base)

    def _error(self, what: str, reason: Reason) -> AudioError:
        fix = "fetch it again, or leave it out"
        return AudioError(what, reason=reason, where=self._path, fix=fix)
