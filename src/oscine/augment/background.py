"""Sounds that are mixed in: backgrounds from a folder or from no-call clips, recorded responses.

They are read once, before the first batch, to the rate and length that the fit works with, and lie
in memory as 16-bit values.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oscine.audio import probe, read
from oscine.augment.config import BackgroundConfig
from oscine.augment.draws import Draws
from oscine.augment.sounds import list_sounds
from oscine.augment.waveform import Rows, add_below
from oscine.core import AudioError, ConfigError, Location

log = logging.getLogger("oscine")

LONGEST_RESPONSE_S = 4.0
"""How much of a recorded response is used, s: more is silence, and costs a longer transform."""


@dataclass(frozen=True, eq=False)
class Background:
    """Background sound of several recordings.

    Args:
        recordings: int16, full scale 32768, each [n_samples], none shorter than a window.
    """

    recordings: Sequence[NDArray[np.int16]]

    def stretch(self, place: float, n_samples: int) -> NDArray[np.float32]:
        """Give one window of sound, which lies within one recording.

        Args:
            place: Which of all that there are, in [0, 1).
            n_samples: Length of the window.

        Returns:
            float32, full scale 1, shape [n_samples].
        """
        counts = np.cumsum([len(values) - n_samples + 1 for values in self.recordings])
        window = int(place * counts[-1])
        which = int(np.searchsorted(counts, window, side="right"))
        start = window - (int(counts[which - 1]) if which else 0)
        values = self.recordings[which][start : start + n_samples]
        return values.astype(np.float32) * np.float32(2.0**-15)


def load_background(
    paths: Sequence[Location], config: BackgroundConfig, sample_rate: int, n_samples: int
) -> Background:
    """Read background recordings, each as far as the memory that it may take.

    Args:
        paths: Recordings, besides those of the config's folder.
        config: The folder, and how many minutes are kept.
        sample_rate: Rate of the clips, Hz.
        n_samples: Length of a clip's window; a shorter recording goes round.

    Returns:
        The sound.

    Raises:
        ConfigError: There is no recording that can be read.
    """
    found = [*paths, *(_recordings(config.folder) if config.folder else [])]
    each_s = 60.0 * config.minutes / max(1, len(found))
    parts = []
    for path in found:
        try:
            duration_s = max(each_s, n_samples / sample_rate)
            waveform = read(path, sample_rate, duration_s=duration_s)
        except AudioError as error:
            log.warning("background: left out: %s", error)
            continue
        if len(waveform) < n_samples:
            waveform = np.resize(waveform, n_samples)
        parts.append((np.clip(waveform, -1.0, 1.0) * 32767.0).astype(np.int16))
    if not parts:
        raise ConfigError(
            "no background recording can be read",
            where="augment.background",
            fix="check the folder and the label",
        )
    minutes = sum(map(len, parts)) / sample_rate / 60
    log.info("background: %d recordings, %.1f min", len(parts), minutes)
    return Background(parts)


def mix_background(
    waveforms: Tensor,
    rows: Rows,
    config: BackgroundConfig,
    draws: Draws,
    _rate: int,
    background: Background,
) -> None:
    """Add a drawn stretch of background, a drawn distance below the clip's own level, in place."""
    place = draws.values("background-place")[:, 0]
    snr_db = draws.between("background-snr", config.snr_min_db, config.snr_max_db)
    for row in rows:
        sound = torch.from_numpy(background.stretch(place[row], waveforms.shape[1]))
        add_below(waveforms[row], sound.to(waveforms.device), float(snr_db[row]))


def load_responses(folder: Location, sample_rate: int) -> list[Tensor]:
    """Read recorded room impulse responses, each from its peak on.

    Args:
        folder: Folder of recordings.
        sample_rate: Rate of the clips, Hz.

    Returns:
        Responses, float32, each [n_samples].

    Raises:
        ConfigError: The folder has none.
        AudioError: One cannot be read.
    """
    responses = []
    for path in _recordings(folder):
        duration_s = min(LONGEST_RESPONSE_S, probe(path).duration_s or LONGEST_RESPONSE_S)
        waveform = read(path, sample_rate, duration_s=duration_s)
        responses.append(torch.from_numpy(waveform[int(np.abs(waveform).argmax()) :].copy()))
    return responses


def _recordings(folder: Location) -> list[Location]:
    found = list_sounds(folder)
    if not found:
        raise ConfigError("no recordings there", where=folder, fix="check the path in `augment`")
    return found
