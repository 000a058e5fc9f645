"""What a run's fits will hear: from the stages that are done, else from tables and headers.

Nothing is written and no stage is run. Where the catalogs were not merged yet, they are read and
merged in memory; where no file was decoded yet, lengths come from the headers of some of the files,
and the other files get the same lengths in turn.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from oscine.audio import probe
from oscine.catalog import CLUSTERS, PARTS, Part, make_folds, read_table
from oscine.core import AudioError, file_state, map_ordered
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.stages import catalog
from oscine.pipeline.stages.folds import read_folds, recordings

MOST_HEADERS = 400
"""Headers read of each part: the mean length is then known to a twentieth or so."""

LOOKING_S = 4.0
"""The most time that reading headers of a part may take."""

Origin = Literal["folds", "audit", "catalog", "tables"]


@dataclass(frozen=True)
class Lengths:
    """How well the lengths of a part's recordings are known.

    Args:
        n_files: Its files.
        n_read: Files whose length is known, by the audit or from their header.
        n_missing: Files that are not there, of those that were looked for.
        n_looked_at: Files that were looked for.
        relative_error: Standard error of their sum over the sum; 0: all are known.
    """

    n_files: int
    n_read: int
    n_missing: int = 0
    n_looked_at: int = 0
    relative_error: float = 0.0

    @property
    def known(self) -> bool:
        """Whether there is a length for every row, of its own or of another file."""
        return self.n_read > 0 or not self.n_files


@dataclass(frozen=True)
class Expectation:
    """What the fits of a recipe will hear.

    Args:
        origin: The last stage whose tables were used; tables: the catalogs' own.
        parts: Recordings of each part.
        folds: Folds of each part that has recordings.
        lengths: How well the lengths in `parts` are known.
        reading_s: Time that reading and merging the catalogs took, s; None: they were merged.
        folding_s: Time that making the folds took, s; None: they were made.
    """

    origin: Origin
    parts: Mapping[Part, pl.DataFrame]
    folds: Mapping[Part, pl.DataFrame]
    lengths: Mapping[Part, Lengths]
    reading_s: float | None = None
    folding_s: float | None = None

    def audio_s(self) -> float | None:
        """Sum the lengths of all files, s, each once; None: unknown."""
        if not all(lengths.known for lengths in self.lengths.values()):
            return None
        return float(files(pl.concat(self.parts.values()))["duration_s"].sum())


def expect(folder: RunFolder, current: Collection[str]) -> Expectation:
    """Tell what the fits of a recipe will hear.

    Args:
        folder: The run, not opened.
        current: Names of the stages that are up to date in it.

    Raises:
        CatalogError: The catalogs cannot be read, leave nothing to train on, or make no folds.
    """
    recipe = folder.recipe
    started = time.monotonic()
    reading_s = None
    clusters = None
    parts: dict[Part, pl.DataFrame]
    if "audit" in current:
        parts = {part: recordings(folder, part) for part in PARTS}
        clusters = read_table(folder.path / "audit" / "clusters.parquet", CLUSTERS)
    else:
        if "catalog" in current:
            merged = catalog.read_merged(folder)
        else:
            merged = catalog.merge(recipe, catalog.read(recipe))
            reading_s = time.monotonic() - started
        parts = {part: getattr(merged, part) for part in PARTS}
    if not recipe.pretrains:
        parts["pretrain"] = parts["pretrain"].head(0)
    measured = {part: with_lengths(table, recipe.workers) for part, table in parts.items()}
    parts = {part: table for part, (table, _) in measured.items()}
    started = time.monotonic()
    folds: dict[Part, pl.DataFrame] = {}
    folding_s = None
    for part in PARTS:
        if not len(parts[part]):
            continue
        if "folds" in current:
            folds[part] = read_folds(folder, part)
        else:
            config = recipe.pretrain_folds if part == "pretrain" else recipe.target_folds
            folds[part] = make_folds(parts[part], config, recipe.seed, clusters)
            folding_s = time.monotonic() - started
    origins: tuple[Origin, ...] = ("folds", "audit", "catalog")
    return Expectation(
        origin=next((name for name in origins if name in current), "tables"),
        parts=parts,
        folds=folds,
        lengths={part: lengths for part, (_, lengths) in measured.items()},
        reading_s=reading_s,
        folding_s=folding_s,
    )


def files(table: pl.DataFrame) -> pl.DataFrame:
    """Give the files of recordings, each once: by content where that is known, else by path."""
    key = pl.coalesce("content_hash", "filepath")
    return table.unique(key, keep="first", maintain_order=True)


def with_lengths(table: pl.DataFrame, workers: int) -> tuple[pl.DataFrame, Lengths]:
    """Fill in the lengths that no audit told, from headers.

    Args:
        table: Recordings.
        workers: Threads that read headers.

    Returns:
        The table, and how well its lengths are known. Remote files are not fetched for it.
    """
    paths = table["filepath"].unique(maintain_order=True)
    unknown = table.filter(pl.col("duration_s").is_null())["filepath"].unique(maintain_order=True)
    local = [path for path in unknown.to_list() if "://" not in path]
    if not len(unknown):
        return table, Lengths(len(paths), len(paths))
    order = np.random.default_rng(0).permutation(len(local))[:MOST_HEADERS]
    chosen = [local[place] for place in order]
    read: dict[str, float] = {}
    n_missing = n_looked_at = 0
    deadline = time.monotonic() + LOOKING_S
    for path, length_s in zip(chosen, map_ordered(_length, chosen, workers), strict=False):
        n_looked_at += 1
        if length_s is None:
            n_missing += file_state(path) is None
        else:
            read[path] = length_s
        if time.monotonic() > deadline:
            break
    n_known = len(paths) - len(unknown)
    if not read:
        return table, Lengths(len(paths), n_known, n_missing, n_looked_at)
    values = np.array(list(read.values()))
    spread = float(values.std() / max(1e-9, values.mean())) / np.sqrt(len(values))
    error = 0.0 if len(read) == len(unknown) else spread
    lengths = Lengths(len(paths), n_known + len(read), n_missing, n_looked_at, error)
    filled = dict(zip(unknown.to_list(), np.resize(values, len(unknown)).tolist(), strict=True))
    guess = pl.col("filepath").replace_strict(filled | read, default=None, return_dtype=pl.Float64)
    return table.with_columns(duration_s=pl.coalesce("duration_s", guess)), lengths


def _length(path: str) -> float | None:
    """Read a file's length from its header; None: it is missing, or its header tells none."""
    if file_state(path) is None:
        return None
    try:
        return probe(path).duration_s or None
    except AudioError:
        return None
