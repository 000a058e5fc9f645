"""One recording of the decode cache as FLAC: the 16-bit values of `cache_file` in fewer bytes.

Value for value the same waveform, and any player opens the file; a window costs the decoding of its
FLAC frames. The comment holds scale and provenance as JSON. The checksum is FLAC's own: the MD5 of
all values, which its encoder leaves in the first block.

Source: RFC 9639, section 8.2, for where the MD5 stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from oscine.audio.cache_file import DAMAGED_FIX, FULL_RANGE, MISSING_FIX, to_integers
from oscine.core import ArtifactError, atomic_path

Float32 = NDArray[np.float32]

SUFFIX = ".flac"
HEADER_BYTES = 16384
"""What stands before the frames, at most: the comment, tables, padding."""

MD5_AT = 26
"""Place of the MD5 in the file: after `fLaC`, a block's head, and 18 bytes of that block."""

BLOCK = 1 << 18


def largest_bytes(n_samples: int) -> int:
    """Tell how large a file can be: noise does not shrink, and each frame of 4,096 has a head."""
    return HEADER_BYTES + 2 * n_samples + n_samples // 128


def write_waveform(
    path: Path, blocks: Iterable[Float32], peak: float, provenance: Mapping[str, str]
) -> None:
    """Write a recording's blocks to a cache file, atomically.

    Args:
        path: The cache file.
        blocks: Mono blocks, finite, none above `peak` in absolute value.
        peak: Greatest absolute value of all blocks.
        provenance: What the file was made from and how; `sample_rate`, Hz, is among it.
    """
    scale = np.float32(peak or 1.0)
    rate = int(provenance["sample_rate"])
    with (
        atomic_path(path) as partial,
        soundfile.SoundFile(partial, "w", rate, 1, format="FLAC", subtype="PCM_16") as file,
    ):
        file.comment = json.dumps({**provenance, "scale": repr(float(scale))})
        for block in blocks:
            file.write(to_integers(block, scale))


def read_waveform(path: Path, start: int = 0, n_samples: int | None = None) -> Float32:
    """Read a slice of a cache file.

    Args:
        path: The cache file.
        start: First sample.
        n_samples: How many; None: to the end.

    Returns:
        Waveform, [n]; shorter than `n_samples` where the recording ends.

    Raises:
        ArtifactError: The file is missing or damaged.
    """
    with _opened(path) as file:
        if start >= file.frames:
            return np.empty(0, np.float32)
        scale = np.float32(float(json.loads(file.comment)["scale"]) / FULL_RANGE)
        file.seek(start)
        values = file.read(-1 if n_samples is None else n_samples, dtype="int16")
    waveform: Float32 = values * scale
    return waveform


def read_provenance(path: Path) -> dict[str, str]:
    """Read a cache file's metadata.

    Raises:
        ArtifactError: The file is missing or damaged.
    """
    with _opened(path) as file:
        return dict(json.loads(file.comment))


def is_intact(path: Path) -> bool:
    """Check a cache file's data against its checksum, in bounded memory."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with _opened(path) as file:
            while len(block := file.read(BLOCK, dtype="int16")):
                digest.update(block.astype("<i2").tobytes())
    except ArtifactError:
        return False
    with path.open("rb") as raw:
        raw.seek(MD5_AT)
        return raw.read(digest.digest_size) == digest.digest()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if not path.exists():
        raise ArtifactError("not in the decode cache", where=path, fix=MISSING_FIX)
    try:
        with soundfile.SoundFile(path) as file:
            yield file
    except (soundfile.LibsndfileError, ValueError, KeyError, OSError) as error:
        raise ArtifactError(f"damaged cache file: {error}", where=path, fix=DAMAGED_FIX) from error
