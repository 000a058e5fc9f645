"""Human speech in recordings: where a person talks, by a voice activity model.

People announce species, place and date at the start or end of a recording. A small recurrent model
scores each 32 ms; runs of high scores are stretches of speech.

Source: silero-vad 5 and 6 (MIT), whose package ships the model. Blocks at 16 kHz are 512 samples
long, each with the 64 before it as context; a state is handed from one to the next.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from oscine.audio.decode import stream
from oscine.core import AudioError, ConfigError, Location, Reason, fetched_ahead, map_ordered

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

log = logging.getLogger("oscine")

Float32 = NDArray[np.float32]

PACKAGE = "silero_vad"
INSTALL = "pip install --no-deps silero-vad"
"""Without its dependencies, which bring torch: only the model's file is read."""

RATE = 16_000
"""What the model hears, Hz."""

BLOCK, CONTEXT = 512, 64
"""Samples that a score is of, and those before them that the model sees too."""

BLOCK_S = BLOCK / RATE

STATE_SHAPE = (2, 1, 128)

READ_S = 128 * BLOCK_S
"""Audio decoded at a time, s. Where a file breaks off, at most this much before it is not heard."""

PAUSE_S = 0.5
"""Stretches with a shorter pause between them are one: people breathe."""

INPUTS, OUTPUTS = ["input", "sr", "state"], ["output", "stateN"]


@dataclass(frozen=True)
class Stretch:
    """A passage in which a person talks.

    Args:
        start_s: Where it starts, s.
        end_s: Where it ends, s.
        score: Mean score of its blocks that are speech, 0 to 1.
    """

    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True)
class Heard:
    """The speech in a recording.

    Args:
        filepath: The file.
        stretches: Where a person talks, in order of time.
    """

    filepath: str
    stretches: tuple[Stretch, ...]


def speech_model_path() -> Path:
    """Find the model's file in the installed package, without importing that (and torch).

    Raises:
        ConfigError: The package is not installed, or holds no such file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigError(
            "looking for speech needs the model of silero-vad, which is not installed", fix=INSTALL
        )
    path = Path(spec.origin).parent / "data" / "silero_vad.onnx"
    if not path.is_file():
        raise ConfigError("silero-vad is installed without its model", where=path, fix=INSTALL)
    return path


def open_speech_model(path: Path) -> InferenceSession:
    """Open a voice activity model; several threads may use it at once.

    Args:
        path: The ONNX file.

    Raises:
        ConfigError: It is missing, damaged, or has other inputs and outputs.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    fix = f"give the silero_vad.onnx of silero-vad 5 or newer ({INSTALL})"
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a class of its own for each kind of damage
        raise ConfigError("no usable model of speech", where=path, fix=fix) from error
    inputs = sorted(one.name for one in session.get_inputs())
    outputs = [one.name for one in session.get_outputs()]
    if (inputs, outputs) != (INPUTS, OUTPUTS):
        raise ConfigError(
            f"the model of speech maps {inputs} to {outputs}, not {INPUTS} to {OUTPUTS}",
            where=path,
            fix=fix,
        )
    return session


class Listener:
    """Scores one recording block by block, in memory that grows only with the scores.

    Args:
        session: As `open_speech_model` gives it.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._state = np.zeros(STATE_SHAPE, np.float32)
        self._rest = np.zeros(CONTEXT, np.float32)
        self._rate = np.array(RATE, np.int64)
        self._scores: list[float] = []

    def add(self, mono: Float32) -> None:
        """Take the next samples, [n], of any number, at `RATE`."""
        waveform = np.concatenate([self._rest, mono])
        n_blocks = (len(waveform) - CONTEXT) // BLOCK
        for start in range(0, n_blocks * BLOCK, BLOCK):
            seen = waveform[None, start : start + CONTEXT + BLOCK]
            inputs = {"input": seen, "state": self._state, "sr": self._rate}
            score, self._state = self._session.run(OUTPUTS, inputs)
            self._scores.append(float(score[0, 0]))
        self._rest = waveform[n_blocks * BLOCK :]

    def scores(self) -> Float32:
        """Give the score of each block, [n_blocks]; silence fills the last one."""
        if len(self._rest) > CONTEXT:
            self.add(np.zeros(BLOCK + CONTEXT - len(self._rest), np.float32))
        return np.asarray(self._scores, np.float32)


def find_stretches(scores: Float32, least_score: float, least_s: float) -> tuple[Stretch, ...]:
    """Join blocks of speech to stretches.

    Args:
        scores: Score of each block, 0 to 1, [n_blocks].
        least_score: Blocks from here on are speech.
        least_s: Speech that a stretch holds at least, its pauses not counted, s.

    Returns:
        The stretches, in order of time.

    Example:
        >>> scores = np.repeat([0.0, 1.0, 0.0, 1.0], [100, 20, 10, 30]).astype(np.float32)
        >>> find_stretches(scores, 0.5, 1.0)
        (Stretch(start_s=3.2, end_s=5.12, score=1.0),)
    """
    places = np.flatnonzero(scores >= least_score)
    if not len(places):
        return ()
    breaks = np.flatnonzero((np.diff(places) - 1) * BLOCK_S >= PAUSE_S) + 1
    return tuple(
        Stretch(float(run[0] * BLOCK_S), float((run[-1] + 1) * BLOCK_S), float(scores[run].mean()))
        for run in np.split(places, breaks)
        if len(run) * BLOCK_S >= least_s
    )


def hear(
    path: str | Location, session: InferenceSession, least_score: float, least_s: float
) -> Heard:
    """Find the speech in a recording, in bounded memory.

    Args:
        path: The audio file.
        session: As `open_speech_model` gives it.
        least_score: As for `find_stretches`.
        least_s: As for `find_stretches`, s.

    Returns:
        What was heard, up to the defect if there is one.

    Raises:
        RemoteError: A remote place cannot be reached: no fault of the file.
    """
    listener = Listener(session)
    try:
        for block in stream(path, RATE, READ_S):
            listener.add(block)
    except AudioError as error:
        # The audit lets files stay that lack a little.
        if error.reason is not Reason.TRUNCATED:
            log.warning("speech: %s", error)
    return Heard(str(path), find_stretches(listener.scores(), least_score, least_s))


def hear_all(
    paths: Iterable[str | Location],
    session: InferenceSession,
    least_score: float,
    least_s: float,
    workers: int = 0,
) -> Iterator[Heard]:
    """Find the speech in recordings on threads.

    Args:
        paths: The audio files; remote ones are fetched a few ahead.
        session: As `open_speech_model` gives it.
        least_score: As for `find_stretches`.
        least_s: As for `find_stretches`, s.
        workers: Threads; 0: one for each core.

    Yields:
        What was heard, in the order of `paths`.
    """
    listen = partial(hear, session=session, least_score=least_score, least_s=least_s)
    return map_ordered(listen, fetched_ahead(paths), workers)
