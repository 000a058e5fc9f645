"""How fast catalogs are built: merge and folds over pandas, the audit over bare decoding.

A table of 1,000,000 generated rows in three catalogs (7 % repeat a recording, 1,000 classes with a
long tail, a recordist for each 40 rows) is merged by turns with oscine and with the pandas oracle
of the tests, which does the reference recipe's steps alone: no reasons, no licences, no conflicts.
Merge and folds together are timed in a process of their own, whose peak of memory includes the
table that it is given. The audit is `measure_all`, with hashing, over the loop of
`benchmarks/decode.py`, both on all cores.

    python benchmarks/catalog.py [--rows N] [--growth N] [--audio FOLDER]

The last line is a JSON object: `merge_speedup_vs_pandas` (above 1: oscine is faster),
`merge_seconds_1m_rows` (merge, key duplicates and folds), `merge_peak_gb_1m_rows`, with `--growth`
`merge_growth` (seconds of N rows, over seconds of a tenth of them), and `audit_over_decode_bound`.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import soundfile

from decode import bare_loop, generate, take_turns
from oscine.audio import measure_all
from oscine.catalog import (
    KNOWN_SILENT,
    PARTS,
    RECORDINGS,
    CatalogConfig,
    FoldConfig,
    MergeConfig,
    Merged,
    conform,
    make_folds,
    merge_catalogs,
)
from oscine.core import available_cores, generator, map_ordered

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from oracles import merge_pandas

ROWS = 1_000_000
N_CLASSES = 1000
REPEATED = 0.07
N_COPIES = 20
"""How often the generated recordings are audited in one turn: a turn must last a while."""

Catalogs = list[tuple[CatalogConfig, pl.DataFrame]]


def make_catalogs(n_rows: int) -> Catalogs:
    """Generate two pretraining catalogs of two fifths of the rows, and a target of one fifth."""
    random = generator(0, "bench-catalog")
    n_recordings = round(n_rows * (1 - REPEATED))
    again = random.integers(0, n_recordings, size=n_rows - n_recordings)
    recording = random.permutation(np.concatenate([np.arange(n_recordings), again]))
    label = long_tail(random, N_CLASSES, 1.0, n_recordings)[recording]
    author = long_tail(random, n_rows // 40, 0.7, n_recordings)[recording]
    wrong = random.random(n_rows) < 2e-4
    table = pl.DataFrame(
        {"number": recording, "label": (label + wrong) % N_CLASSES, "author": author}
    )
    ends = (2 * n_rows // 5, 4 * n_rows // 5, n_rows)
    starts = (0, *ends[:-1])
    roles = {"a": "pretrain", "b": "pretrain", "target": "target"}
    return [
        (
            CatalogConfig(name=name, source="folder", path=Path("/data"), role=role),
            dress(table[start:end], name),
        )
        for (name, role), start, end in zip(roles.items(), starts, ends, strict=True)
    ]


def long_tail(random: np.random.Generator, n: int, power: float, size: int) -> np.ndarray:
    """Draw numbers below n, whose frequencies fall as a power of their rank."""
    weights = np.arange(20, n + 20) ** -power
    return random.choice(n, size=size, p=weights / weights.sum())


def dress(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Give numbered rows the columns of the recordings table, as a published catalog fills them."""
    label, xc_id = pl.format("species{}", "label"), pl.format("XC{}", "number")
    filename = pl.format("{}.ogg", xc_id)
    rows = table.with_row_index("row").select(
        recording_id=pl.format("{}/{}/{}#{}", pl.lit(name), label, filename, "row"),
        catalog=pl.lit(name),
        birdclef=pl.lit(name),
        filename=filename,
        filepath=pl.format("/data/{}/train_audio/{}/{}", pl.lit(name), label, filename),
        xc_id=xc_id,
        primary_label=label,
        secondary_labels=pl.lit([], dtype=pl.List(pl.String)),
        scientific_name=pl.format("Genus {}", label),
        common_name=pl.format("Bird {}", label),
        type=pl.lit(["song"], dtype=pl.List(pl.String)),
        rating=pl.lit(4.0),
        author=pl.format("Recordist {}", "author"),
        license=pl.lit("Creative Commons Attribution-NonCommercial-ShareAlike 4.0"),
        url=pl.format("https://www.xeno-canto.org/{}", "number"),
        latitude=(pl.col("number") % 120 - 60).cast(pl.Float64),
        longitude=(pl.col("number") % 360 - 180).cast(pl.Float64),
        file_type=pl.lit("ogg"),
    )
    return conform(rows, RECORDINGS)


def merge(catalogs: Catalogs) -> Merged:
    return merge_catalogs(catalogs, MergeConfig())


def merge_and_fold(catalogs: Catalogs) -> None:
    merged = merge(catalogs)
    for part in PARTS:
        make_folds(merged.part(part), FoldConfig(), seed=42)


def speedup(catalogs: Catalogs) -> float:
    """Merge by turns with oscine and with pandas, after making sure that the same rows stay."""
    frames = [pd.DataFrame(table.to_dict(as_series=False)) for _, table in catalogs]
    corrupt = [f"/data/{name}" for name in KNOWN_SILENT]
    theirs, _ = merge_pandas.merge(frames[:-1], frames[-1], corrupt)
    key = list(MergeConfig().duplicate_key)
    ours = merge(catalogs).pretrain.select(key).sort(key)
    assert ours.equals(pl.DataFrame(theirs[key].to_dict("list")).sort(key))
    of_pandas, of_ours = take_turns(
        [
            lambda: merge_pandas.merge(frames[:-1], frames[-1], corrupt),
            lambda: merge(catalogs),
        ]
    )
    print(f"merge to {len(ours):,} rows: pandas {of_pandas:.2f} s, oscine {of_ours:.2f} s")
    return of_pandas / of_ours


def grow(n_rows: int) -> dict[str, float]:
    """Merge and fold in a process of its own; gives its seconds and its peak of memory, GB."""
    command = [sys.executable, __file__, "--only", str(n_rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    print(f"{n_rows:,} rows: {figures['seconds']:.2f} s, {figures['peak_gb']:.2f} GB")
    return figures


def only(n_rows: int) -> dict[str, float]:
    """Give the seconds and the peak of memory of this process."""
    catalogs = make_catalogs(n_rows)
    started = time.perf_counter()
    merge_and_fold(catalogs)
    seconds = time.perf_counter() - started
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak_gb": kilobytes / 1e6}


def audit_ratio(files: Sequence[Path]) -> float:
    """Measure files by turns with the audit and with the bare loop, both on all cores."""
    workers = available_cores()
    bound, audit = take_turns(
        [
            lambda: list(map_ordered(bare_loop, files, workers)),
            lambda: list(measure_all(files, workers)),
        ]
    )
    audio_s = sum(soundfile.info(file).duration for file in files)
    for name, seconds in (("bare loop", bound), ("audit", audit)):
        print(f"{name}: {audio_s / seconds:,.0f} s of audio/s on {workers} cores")
    return bound / audit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--growth", type=int, help="also merge this many rows, and a tenth of them")
    parser.add_argument("--audio", type=Path, help="recordings; default: generated ones")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.getLogger("oscine").setLevel(logging.WARNING)
    if options.only:
        print(json.dumps(only(options.only)))
        return
    # First: a process counts the peak of the one that started it as its own.
    alone = grow(ROWS)
    figures = {"merge_seconds_1m_rows": alone["seconds"], "merge_peak_gb_1m_rows": alone["peak_gb"]}
    if options.growth:
        less = grow(options.growth // 10)
        figures["merge_growth"] = grow(options.growth)["seconds"] / less["seconds"]
    figures["merge_speedup_vs_pandas"] = speedup(make_catalogs(options.rows))
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.audio or generate(Path(scratch) / "audio")
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        copies = 1 if options.audio else N_COPIES
        figures["audit_over_decode_bound"] = audit_ratio(files * copies)
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
