"""The decode cache: every recording once as 16-bit values at the model's rate, read by the slice.

The values stand as they are (`cache_file`) or as FLAC (`cache_flac`). One file a recording, named
by the hash of the recording's bytes, so that runs, catalogs and folds share it, and a renamed file
is found again. Whole files appear atomically: a build that was killed goes on with what is missing.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oscine.audio import cache_file, cache_flac
from oscine.audio.config import AudioConfig, CacheForm, Mix
from oscine.audio.decode import stream
from oscine.core import (
    ArtifactError,
    AudioError,
    Reason,
    map_ordered,
    seconds_to_samples,
    track,
)

log = logging.getLogger("oscine")

Float32 = NDArray[np.float32]

FORMS: dict[CacheForm, Any] = {"int16": cache_file, "flac": cache_flac}
"""What writes and reads the files of each form."""

HELD_S = 600.0
"""A recording up to this long is held in memory between finding its peak and writing it; a longer
one is decoded twice, so that memory does not grow with length."""


class CacheRow(NamedTuple):
    """A recording that a build shall hold: its file, the hash of its bytes, its length in s."""

    path: str | Path
    content_hash: str
    duration_s: float


@dataclass(frozen=True)
class BuildFailure:
    """A recording that could not be cached, and why."""

    filepath: str
    content_hash: str
    reason: Reason
    detail: str


@dataclass(frozen=True)
class BuildReport:
    """What a build did: recordings written, kept from before, and failed."""

    n_written: int
    n_kept: int
    failures: tuple[BuildFailure, ...]


class DecodeCache:
    """Recordings as 16-bit values at one rate, with one channel.

    Args:
        folder: Where caches stand; this one takes `<rate>-<mix>` in it.
        sample_rate: Rate of the cached waveforms, Hz.
        mix: How channels become one.
        budget_gb: The most that this cache may take, GB (1e9 bytes).
        form: int16: read at once; flac: about half the bytes, decoded when it is read.
    """

    def __init__(
        self,
        folder: str | Path,
        sample_rate: int,
        mix: Mix,
        budget_gb: float,
        form: CacheForm = "int16",
    ) -> None:
        self.folder = Path(folder) / f"{sample_rate}-{mix}"
        self.sample_rate = sample_rate
        self.mix = mix
        self.budget_gb = budget_gb
        self.files = FORMS[form]

    @classmethod
    def from_config(cls, config: AudioConfig) -> DecodeCache | None:
        """Make the cache that the audio settings name; None where they name none."""
        if config.cache == "none":
            return None
        return cls(
            config.cache_folder,
            config.sample_rate,
            config.mix,
            config.cache_budget_gb,
            config.cache,
        )

    def path(self, content_hash: str) -> Path:
        """Tell where a recording stands, or would stand."""
        return self.folder / content_hash[:2] / f"{content_hash}{self.files.SUFFIX}"

    def holds(self, content_hash: str) -> bool:
        """Tell whether a recording is cached."""
        return self.path(content_hash).exists()

    def predict_bytes(self, durations_s: Iterable[float]) -> int:
        """Predict the size of recordings in the cache.

        Args:
            durations_s: Their lengths, s.

        Returns:
            Bytes: as int16 exact to a sample a recording, as FLAC the most that it can be.
        """
        return sum(
            self.files.largest_bytes(seconds_to_samples(duration_s, self.sample_rate))
            for duration_s in durations_s
        )

    def build(self, rows: Iterable[tuple[str | Path, str, float]], workers: int = 0) -> BuildReport:
        """Decode the recordings that are not cached yet; those that fail are reported.

        What is there already is checked against its checksum, and decoded again if damaged.

        Args:
            rows: (path, content_hash, duration_s) of each recording; of rows with the same hash
                one is decoded.
            workers: Threads; 0: one for each core.

        Returns:
            What was written, kept, and failed.

        Raises:
            ArtifactError: The cache would outgrow its budget or the disk; nothing is written.
        """
        unique = {row.content_hash: row for row in (CacheRow(*row) for row in rows)}
        for content_hash in self.verify(name for name in unique if self.holds(name)):
            log.warning("cache: %s is damaged, and made again", self.path(content_hash))
            self.path(content_hash).unlink(missing_ok=True)
        missing = [row for row in unique.values() if not self.holds(row.content_hash)]
        self._refuse_excess(missing)
        results = map_ordered(self._try_write, missing, workers)
        outcomes = list(track(results, "decode cache", len(missing)))
        failures = tuple(failure for failure in outcomes if failure is not None)
        n_written = len(missing) - len(failures)
        return BuildReport(n_written, len(unique) - len(missing), failures)

    def read(
        self, content_hash: str, start_s: float = 0.0, duration_s: float | None = None
    ) -> Float32:
        """Read a window of a cached recording: what `decode.read` gives, to within half a step.

        Args:
            content_hash: Hash of the recording's bytes.
            start_s: Where the window starts, s.
            duration_s: Length of the window, s; None: to the end.

        Returns:
            Waveform, [n_samples], shorter where the recording ends.

        Raises:
            ArtifactError: The recording is not cached, or its file is damaged.
            AudioError: The recording ends before the window starts (`EMPTY`).
        """
        path = self.path(content_hash)
        n_samples = None if duration_s is None else seconds_to_samples(duration_s, self.sample_rate)
        waveform: Float32 = self.files.read_waveform(
            path, seconds_to_samples(start_s, self.sample_rate), n_samples
        )
        if not len(waveform) and n_samples != 0:
            raise AudioError(f"nothing at {start_s:.3f} s", reason=Reason.EMPTY, where=path)
        return waveform

    def content_hashes(self) -> Iterator[str]:
        """Yield the hashes of the recordings that are cached, in order."""
        return (path.stem for path in sorted(self.folder.glob(f"??/*{self.files.SUFFIX}")))

    def verify(self, content_hashes: Iterable[str] | None = None) -> list[str]:
        """Check cached recordings against their checksums.

        Args:
            content_hashes: Which; None: all.

        Returns:
            The content hashes of damaged files.
        """
        hashes = list(self.content_hashes() if content_hashes is None else content_hashes)
        checks = track(
            map_ordered(lambda content_hash: self.files.is_intact(self.path(content_hash)), hashes),
            "verify decode cache",
            len(hashes),
        )
        return [content_hash for content_hash, ok in zip(hashes, checks, strict=True) if not ok]

    def _refuse_excess(self, missing: Sequence[CacheRow]) -> None:
        """Refuse a build before it starts, not when the disk is full."""
        wanted = self.predict_bytes(row.duration_s for row in missing)
        if not wanted:
            return
        there = sum(
            file.stat().st_size
            for form in FORMS.values()
            for file in self.folder.glob(f"??/*{form.SUFFIX}")
        )
        if there + wanted > self.budget_gb * 1e9:
            raise ArtifactError(
                f"the decode cache would take {(there + wanted) / 1e9:.2f} GB, "
                f"its budget is {self.budget_gb:g} GB",
                where=self.folder,
                fix="raise audio.cache_budget_gb, or set audio.cache to none",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if wanted > free:
            raise ArtifactError(
                f"the decode cache needs {wanted / 1e9:.2f} GB more, the disk has {free / 1e9:.2f}",
                where=self.folder,
                fix="move audio.cache_folder to a larger disk, or set audio.cache to none",
            )

    def _try_write(self, row: CacheRow) -> BuildFailure | None:
        try:
            self._write(row)
        except AudioError as error:
            return BuildFailure(str(row.path), row.content_hash, error.reason, error.what)
        return None

    def _write(self, row: CacheRow) -> None:
        def decoded() -> Iterator[Float32]:
            return stream(row.path, self.sample_rate, mix=self.mix)

        held = list(decoded()) if row.duration_s <= HELD_S else None
        peak = max(float(np.abs(block).max()) for block in held or decoded())
        provenance = {
            "content_hash": row.content_hash,
            "source": Path(row.path).name,
            "sample_rate": str(self.sample_rate),
            "mix": self.mix,
            "resampler": "soxr HQ",
        }
        self.files.write_waveform(self.path(row.content_hash), held or decoded(), peak, provenance)
