"""Waveforms -> files, the same bytes on every run; and files that are broken on purpose."""

from __future__ import annotations

import io
import zlib

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from oscine.core import Reason, generator
from oscine.synth.config import SynthConfig
from oscine.synth.entries import Entry
from oscine.synth.scenes import render_recording

FORMATS = {".ogg": ("OGG", "VORBIS"), ".flac": ("FLAC", "PCM_16"), ".wav": ("WAV", "FLOAT")}
BLOCK = 65_536
"""libsndfile's Vorbis encoder overflows its stack on long writes; it gets them in blocks."""


def entry_bytes(config: SynthConfig, entry: Entry) -> bytes:
    """Make the bytes of one planned file.

    Args:
        config: The chorus' settings.
        entry: The file.

    Returns:
        A function of the seed and the entry's scene, container, defect and share.
    """
    if entry.defect is Reason.EMPTY:
        return b""
    if entry.defect is Reason.UNREADABLE:
        return generator(config.seed, "garbage", entry.scene.index).bytes(6000)
    wave, sample_rate = render_recording(config, entry.scene)
    if entry.defect is Reason.SILENT:
        wave = np.zeros_like(wave)
    if entry.defect is Reason.NON_FINITE:
        wave[len(wave) // 3 : len(wave) // 2] = np.nan
    data = encode(wave, sample_rate, entry.suffix)
    return data[: int(entry.kept * len(data))]


def encode(wave: NDArray[np.float32], sample_rate: int, suffix: str) -> bytes:
    """Encode a waveform.

    Args:
        wave: Waveform of shape (samples, channels) or (samples,).
        sample_rate: Hz.
        suffix: ".ogg" (Vorbis), ".flac" (16 bit) or ".wav" (32-bit float).

    Returns:
        The file; equal waveforms give equal bytes.
    """
    container, subtype = FORMATS[suffix]
    wave = wave.reshape(len(wave), -1)
    stream = io.BytesIO()
    with sf.SoundFile(
        stream, "w", sample_rate, wave.shape[1], subtype=subtype, format=container
    ) as sound:
        for start in range(0, len(wave), BLOCK):
            sound.write(wave[start : start + BLOCK])
    data = stream.getvalue()
    return {".ogg": with_fixed_serial, ".wav": without_date}.get(suffix, bytes)(data)


def without_date(data: bytes) -> bytes:
    """Take the time of writing out of a float wav: libsndfile notes it in the PEAK header."""
    at = data.index(b"PEAK") + 12
    return data[:at] + bytes(4) + data[at + 4 :]


def with_fixed_serial(data: bytes, serial: int = 1) -> bytes:
    """Give every page of an Ogg stream a serial number of our choice, and a fitting checksum.

    libsndfile draws the number from the clock, so that no two files are equal.

    Args:
        data: An Ogg file.
        serial: The number.

    Returns:
        The same file otherwise.

    Source: RFC 3533, section 6 (page header; CRC-32 with polynomial 0x04c11db7, most significant
    bit first, no inversion, over the page with the checksum zeroed).
    """
    pages = []
    start = 0
    while start < len(data):
        n_segments = data[start + 26]
        end = start + 27 + n_segments + sum(data[start + 27 : start + 27 + n_segments])
        page = bytearray(data[start:end])
        page[14:18] = serial.to_bytes(4, "little")
        page[22:26] = bytes(4)
        page[22:26] = _ogg_checksum(bytes(page)).to_bytes(4, "little")
        pages.append(bytes(page))
        start = end
    return b"".join(pages)


REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


def _ogg_checksum(page: bytes) -> int:
    """Compute Ogg's checksum with zlib's, which is the same with bits reversed and inverted."""
    mirrored = zlib.crc32(page.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
