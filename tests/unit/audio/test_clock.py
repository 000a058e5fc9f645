from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from oscine.audio.clock import in_name, recorded_at
from oscine.core import location

DAWN = datetime(2024, 5, 1, 4, 30, 0)
COMMENT = (
    "Recorded at 04:30:00 01/05/2024 (UTC) by AudioMoth 243B1F026488F56E at medium gain while "
    "battery was 3.8V and temperature was 12.8C."
)


def write_wav(path: Path, comment: str = "") -> Path:
    with soundfile.SoundFile(path, "w", 8000, 1, format="WAV") as file:
        if comment:
            file.comment = comment
        file.write(np.zeros(800))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "20240501_043000.WAV",
        "20240501_043000T.WAV",
        "SITE-A_20240501_043000.wav",
        "SMA00234_20240501_043000.wav",
        "20240501T043000+1000_REC.flac",
        "20240501T043000Z.flac",
        "2024-05-01_04-30-00.wav",
        "2024-05-01 04:30:00.wav",
        "deployed_20240401_120000_made_20240501_043000.ogg",
    ],
)
def test_a_name_of_the_field_tells_when_a_recording_began(name: str) -> None:
    assert in_name(name) == DAWN


@pytest.mark.parametrize(
    "name",
    [
        "XC134874.ogg",
        "28933_SSW_20170408.ogg",
        "20241301_043000.wav",
        "20240501_253000.wav",
        "00010101_000000.wav",
        "120240501_0430001.wav",
        "5CB2A1F0.WAV",
    ],
)
def test_a_name_without_a_time_tells_none(name: str) -> None:
    assert in_name(name) is None


def test_an_audiomoth_whose_file_was_renamed_still_says_when(tmp_path: Path) -> None:
    assert recorded_at(write_wav(tmp_path / "dawn.WAV", COMMENT)) == DAWN


def test_the_name_counts_before_the_comment(tmp_path: Path) -> None:
    assert recorded_at(write_wav(tmp_path / "20230401_010000.wav", COMMENT)).year == 2023


@pytest.mark.parametrize("comment", ["", "a wren in the hedge", "Recorded at 99:30:00 01/05/2024"])
def test_any_other_comment_tells_nothing(tmp_path: Path, comment: str) -> None:
    assert recorded_at(write_wav(tmp_path / "dawn.wav", comment)) is None


def test_what_cannot_be_opened_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert recorded_at(tmp_path / "empty.wav") is None
    assert recorded_at(tmp_path / "gone.wav") is None


def test_a_remote_recording_is_dated_by_its_name_alone() -> None:
    assert recorded_at(location("https://example.org/20240501_043000.wav?key=1")) == DAWN
    assert recorded_at(location("https://example.org/dawn.wav")) is None
