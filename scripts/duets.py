"""Clips of two voices, made of clips of one: recordings that state a secondary label, and why.

None of the developers' recordings with audio states one. Here every clip that shares audio with no
other gets a partner of another class: each of the two is heard in the other, softer, and its label
is the other's secondary label. A pair is one recordist's, so that it stays in one fold.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray

from oscine.audio import fit_length, read
from oscine.core import atomic_path, generator

SAMPLE_RATE = 32_000
LEVEL_DB = -6.0
"""Level of the second voice against the first, both as root mean squares of the whole clip."""
PEAK = 0.99


def make_duets(run: Path, folder: Path, seed: int = 0) -> None:
    """Write `duets.csv` and the clips that it names, unless they are there.

    Args:
        run: A run whose audited target is mixed.
        folder: Where the clips go; written as a whole.
        seed: Of the pairs.
    """
    if folder.exists():
        return
    clips = pl.read_parquet(run / "audit/target.parquet").sort("recording_id")
    shared = pl.read_parquet(run / "audit/clusters.parquet")["recording_id"]
    alone = clips.filter(~pl.col("recording_id").is_in(shared.to_list()))
    partner = pair_up(alone["recording_id"].to_list(), alone["primary_label"].to_list(), seed)
    place = {name: row for row, name in enumerate(clips["recording_id"])}
    rows = []
    with atomic_path(folder) as partial:
        for clip in clips.iter_rows(named=True):
            name, other = (
                f"{place[clip['recording_id']]:03d}.flac",
                partner.get(clip["recording_id"]),
            )
            sound = read(clip["filepath"], SAMPLE_RATE)
            behind = clips.row(place[other], named=True) if other is not None else None
            if behind is not None:
                sound = mix(sound, read(behind["filepath"], SAMPLE_RATE), LEVEL_DB)
            (partial / "audio").mkdir(parents=True, exist_ok=True)
            soundfile.write(partial / "audio" / name, sound, SAMPLE_RATE)
            rows.append(
                {
                    "filename": f"audio/{name}",
                    "primary_label": clip["primary_label"],
                    "secondary_labels": str([behind["primary_label"]] if behind else []),
                    "author": min(clip["recording_id"], other or clip["recording_id"]),
                }
            )
        pl.DataFrame(rows).write_csv(partial / "duets.csv")


def pair_up(names: list[str], labels: list[str], seed: int) -> dict[str, str]:
    """Pair clips of different labels at random; the few that find no partner stay alone.

    Returns:
        The partner of each clip that has one.
    """
    order = generator(seed, "duets").permutation(len(names)).tolist()
    partner: dict[str, str] = {}
    while order:
        first = order.pop()
        other = next((row for row in reversed(order) if labels[row] != labels[first]), None)
        if other is not None:
            order.remove(other)
            partner |= {names[first]: names[other], names[other]: names[first]}
    return partner


def mix(
    front: NDArray[np.float32], behind: NDArray[np.float32], level_db: float
) -> NDArray[np.float32]:
    """Put one clip behind another, which keeps its length.

    Args:
        front: What is heard in front, [n_samples].
        behind: What is heard behind it, of any length: repeated or cut to [n_samples].
        level_db: Level of the one behind against the other, dB.

    Returns:
        The sum, softer where it would clip, [n_samples].
    """
    behind = fit_length(behind, len(front), "wrap")
    gain = 10 ** (level_db / 20) * _level(front) / max(_level(behind), 1e-9)
    both = front + gain * behind
    return np.asarray(both * min(1.0, PEAK / max(float(np.abs(both).max()), 1e-9)), np.float32)


def _level(sound: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
