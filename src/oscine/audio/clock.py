"""When a recording began, by the clock of its recorder: from its name, or from what is in it.

Recorders name files by their clock: AudioMoth `20240501_043000.WAV`, Song Meter
`SITE_20240501_043000.wav`, Frontier Labs `20240501T043000+1000_SITE.wav`. An AudioMoth also writes
the time into the comment of the file, whatever its name is. Which zone a clock was set to only
some of them say, so none is kept: an AudioMoth's is UTC unless it was configured otherwise.

Source: Open Acoustic Devices, AudioMoth Operation Manual: the names, and the comment's form.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import soundfile

from oscine.audio.sndfile import sound_name
from oscine.core import Location, is_remote, name_of

IN_NAME = re.compile(
    r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)[T_ -](\d\d)[-_.:]?(\d\d)[-_.:]?(\d\d)(?!\d)", re.IGNORECASE
)
"""A date and a time in one name: year, month, day, hour, minute, second."""

IN_COMMENT = re.compile(r"Recorded at (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d\d)/(\d\d)/(\d{4})")
"""An AudioMoth's comment: hour, minute, second, day, month, year."""

YEARS = range(1950, 2100)
"""Other numbers of fourteen digits are no time."""


def recorded_at(path: Location) -> datetime | None:
    """Tell when a recording began.

    Args:
        path: The recording; only a local wav file whose name tells nothing is opened.

    Returns:
        By the recorder's clock, without a zone; None: neither name nor comment tell it.

    Example:
        >>> str(recorded_at(Path("card 3/20240501_043000.WAV")))
        '2024-05-01 04:30:00'
    """
    if (told := in_name(name_of(path))) is not None:
        return told
    if is_remote(path) or path.suffix.lower() != ".wav":
        return None
    found = IN_COMMENT.search(_comment(path))
    if found is None:
        return None
    hour, minute, second, day, month, year = map(int, found.groups())
    return _moment(year, month, day, hour, minute, second)


def in_name(name: str) -> datetime | None:
    """Find the time in a file's name, the last one if there are several.

    Example:
        >>> str(in_name("BC2026_Test_0001_S05_20250227_010002.ogg"))
        '2025-02-27 01:00:02'
    """
    told = [_moment(*map(int, found)) for found in IN_NAME.findall(name)]
    return next((one for one in reversed(told) if one is not None), None)


def _moment(*numbers: int) -> datetime | None:
    """Make a time of year, month, day, hour, minute and second; None: there is no such time."""
    if numbers[0] not in YEARS:
        return None
    try:
        return datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None


def _comment(path: Path) -> str:
    try:
        with soundfile.SoundFile(sound_name(path)) as file:
            return str(file.comment)
    except (soundfile.LibsndfileError, OSError):
        return ""  # why it cannot be read is for who decodes it
