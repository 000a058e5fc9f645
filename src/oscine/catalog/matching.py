"""Which files may share audio: an inverted index of landmarks, and votes for one offset.

A few landmarks in a row make a key: their pitches, and the times between them. Files that hold the
same keys, at times that differ by one offset, are candidates; whether they share audio the audio
floor tells (`oscine.audio.align`).

Source: Wang (2003), "An industrial-strength audio search algorithm", ISMIR; keys of three or four
landmarks instead of two make chance rare enough for large catalogs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import comb

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.tables import MATCHES, Column, conform

FOLLOWERS = 5
"""Landmarks after each one that make keys with it, two or three of them at a time: ten keys."""

SOON_MS, LATE_MS = 30, 1000
"""They come at least and at most this long after it."""

TIME_CELL_MS, PITCH_CELL = 16, 11
"""Steps in which a key tells times and pitches (sixteenths of a band): about three times what a
codec moves them."""

OFFSET_CELL_MS = 32
"""Offsets that agree to within this vote together."""

LEAST_VOTES = {3: 3, 4: 2}
"""Landmarks that must agree on one offset, by the number in a key."""

MOST_SHARED = 40
"""A key that stands in more places says nothing: steady tones, crickets."""

FEW_LANDMARKS = 1_000_000
"""Up to here, about ten hours, three landmarks make a key; above, four, which are found again less
often, but hardly ever by chance (a hundredth of what three are)."""

MOST_KEYS, MOST_PAIRS = 30_000_000, 10_000_000
"""Keys, and pairs of places with the same key, that are looked at: half a gigabyte each. Of more
keys an even share of the possible ones is used, the same in every file; of more pairs, those of the
rarest keys. Long overlaps have some to spare, the shortest may be missed."""

LANDMARKS_AT_ONCE, KEYS_AT_ONCE = 1_000_000, 4_000_000

KEYS = {"key": pl.UInt64, "a": pl.UInt32, "at": pl.UInt32}
"""Columns of the index: a key, the file's number, and when it begins there, ms."""

LEAST_OVERLAP_S = 0.1
"""Rows that share less share nothing."""

LANDMARKS = {"at_ms": pl.List(pl.UInt32), "pitch": pl.List(pl.UInt16)}
"""Columns that hold a file's landmarks: when, ms; and the pitch, sixteenths of a band."""

CANDIDATES: Mapping[str, Column] = {
    "file": Column(pl.String, "a file", required=True),
    "other": Column(pl.String, "a file that follows it by name", required=True),
    "offset_s": Column(pl.Float64, "where `other` starts on its clock, s", required=True),
    "votes": Column(pl.Int64, "landmarks that agree on that", required=True),
}
"""The table of pairs of files that may share audio; it lives between two steps of the audit."""


def candidates(landmarks: pl.DataFrame) -> pl.DataFrame:
    """Find pairs of files whose landmarks agree at one offset.

    Args:
        landmarks: One row a file: `file` (its name, unique), `at_ms` and `pitch` (lists, in order
            of time); null: no landmarks. The order of the rows does not matter.

    Returns:
        One row a pair, `file` before `other` by name: `offset_s` (where `other` starts on the clock
        of `file`, s; negative: before it) and `votes` (landmarks that agree); sorted by the names.
    """
    files = landmarks.drop_nulls("at_ms").filter(pl.col("at_ms").list.len() > 0).sort("file")
    n_landmarks = int(files["at_ms"].list.len().sum() or 0)
    size = 3 if n_landmarks <= FEW_LANDMARKS else 4
    votes = _votes(_shared_keys(files, size), LEAST_VOTES[size])
    names = files.select("file").with_row_index("index")
    other = names.rename({"file": "other", "index": "other_index"})
    pairs = votes.join(names, left_on="a", right_on="index").join(
        other, left_on="b", right_on="other_index"
    )
    pairs = pairs.with_columns(offset_s=pl.col("offset_ms") / 1000)
    return conform(pairs, CANDIDATES).sort("file", "other")


def _shared_keys(files: pl.DataFrame, size: int) -> pl.DataFrame:
    """Pair the places where two files hold the same key: files a < b, and times in both."""
    n_keys = int(files["at_ms"].list.len().sum() or 0) * comb(FOLLOWERS, size - 1)
    share = MOST_KEYS / max(1, n_keys)
    made = [_keys_of(part, size, share) for part in _parts(files)]
    keys = pl.concat([pl.DataFrame(schema=KEYS), *made])
    # Part by part, so that what is sorted fits into memory.
    n_parts = max(1, len(keys) // KEYS_AT_ONCE)
    usable = pl.concat([_usable(keys, i, n_parts) for i in range(n_parts)])
    rare = usable.filter(pl.col("n") <= _most_shared(usable))
    pairs = rare.join(rare, on="key", suffix="_b").filter(pl.col("a") < pl.col("a_b"))
    return pairs.select("a", pl.col("at", "at_b").cast(pl.Int64), b="a_b")


def _usable(keys: pl.DataFrame, part: int, n_parts: int) -> pl.DataFrame:
    """Count the places of each key, and leave out those in one place or too many."""
    inside = keys.filter(pl.col("key") % n_parts == part)
    counted = inside.with_columns(n=pl.len().over("key"))
    return counted.filter(pl.col("n").is_between(2, MOST_SHARED))


def _most_shared(usable: pl.DataFrame) -> int:
    """Find in how many places a key may stand so that there are at most `MOST_PAIRS` pairs."""
    counts = usable.group_by("n").agg(pairs=pl.len() * (pl.col("n").first() - 1) / 2).sort("n")
    within = counts.filter(pl.col("pairs").cum_sum() <= MOST_PAIRS)
    # Keys in two places are looked at in any case: there are at most half as many as keys.
    return max(2, int(within["n"].max() or 2))  # type: ignore[arg-type]  # Polars' max is of any type


def _parts(files: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Explode files to landmarks, about `LANDMARKS_AT_ONCE` at a time, each file whole."""
    indexed = files.select(
        "at_ms", "pitch", a=pl.int_range(pl.len(), dtype=pl.UInt32), n=pl.col("at_ms").list.len()
    )
    parts = indexed.with_columns(part=pl.col("n").cum_sum() // LANDMARKS_AT_ONCE)
    for part in parts.partition_by("part", maintain_order=True):
        yield part.select("a", "at_ms", "pitch").explode("at_ms", "pitch")


def _keys_of(landmarks: pl.DataFrame, size: int, share: float) -> pl.DataFrame:
    """Make a share of the keys of landmarks, `size` in each, and the time of the first of these."""
    file = landmarks["a"].to_numpy().astype(np.int64)
    at = landmarks["at_ms"].to_numpy().astype(np.int64)
    pitch = landmarks["pitch"].to_numpy().astype(np.int64) // PITCH_CELL
    clock = (file << 40) + at
    first = np.searchsorted(clock, clock + SOON_MS)
    made = [pl.DataFrame(schema=KEYS)]
    for places in combinations(range(FOLLOWERS), size - 1):
        anchor = np.flatnonzero(first + places[-1] < len(at))
        anchor = anchor[clock[first[anchor] + places[-1]] - clock[anchor] < LATE_MS]
        key = pitch[anchor]
        for place in places:
            follower = first[anchor] + place
            key = key << 7 | pitch[follower]
            key = key << 6 | (at[follower] - at[anchor]) // TIME_CELL_MS
        mixed = _mixed(key)
        kept = mixed < share * 2.0**64 if share < 1.0 else slice(None)
        columns = {"key": mixed[kept], "a": file[anchor][kept], "at": at[anchor][kept]}
        made.append(pl.DataFrame(columns, schema_overrides=KEYS))
    return pl.concat(made)


def _mixed(key: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Spread keys evenly over 64 bits, so that the small ones are a fair share of all.

    Source: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators": the
    finaliser of SplitMix64.
    """
    mixed = key.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result


def _votes(shared: pl.DataFrame, least: int) -> pl.DataFrame:
    """Count, for each pair, the landmarks that agree on its best offset."""
    several = shared.filter(pl.len().over("a", "b") >= least)
    several = several.with_columns(offset_ms=pl.col("at") - pl.col("at_b"))
    cell = pl.col("offset_ms") // OFFSET_CELL_MS
    # Two grids of cells, twice as wide, so that no group of votes is parted by an edge.
    twice = pl.concat([several.with_columns(cell=cell), several.with_columns(cell=cell + 1)])
    voted = twice.group_by("a", "b", "cell").agg(
        votes=pl.col("at").n_unique(), offset_ms=pl.col("offset_ms").median()
    )
    best = voted.filter(pl.col("votes") >= least).sort(
        "a", "b", "votes", "cell", descending=[False, False, True, False]
    )
    return best.unique(["a", "b"], keep="first", maintain_order=True)


def recording_matches(
    pairs: pl.DataFrame, recordings: pl.DataFrame, audit: pl.DataFrame
) -> pl.DataFrame:
    """Tell which rows share audio, from the files that do and the clips that rows are of them.

    Args:
        pairs: Files that share audio, named by their content hash: `file`, `other`, `offset_s`
            (where `other` starts on the clock of `file`, s), `score`, `least_score`.
        recordings: Recordings, or clips of them.
        audit: Their audit (AUDIT).

    Returns:
        One row a pair of rows that overlap by `LEAST_OVERLAP_S` at least (MATCHES). Clips of one
        file are no pair, nor are rows of byte-identical files that have the same bounds.
    """
    files = audit.select("recording_id", "filepath", file="content_hash", length_s="duration_s")
    rows = recordings.select("recording_id", "start_s", "end_s").join(files, on="recording_id")
    rows = rows.drop_nulls(["file", "length_s"]).select(
        "recording_id",
        "filepath",
        "file",
        start=pl.col("start_s").fill_null(0.0),
        end=pl.min_horizontal(pl.col("end_s"), pl.col("length_s")),
    )
    several = (
        rows.group_by("file").agg(pl.col("filepath").n_unique()).filter(pl.col("filepath") > 1)
    )
    same = several.select(
        "file", other="file", offset_s=pl.lit(0.0), score=pl.lit(1.0), least_score=pl.lit(1.0)
    )
    both = pl.concat([pairs.select(same.columns), same])
    joined = both.join(rows, on="file").join(
        rows.rename({"file": "other"}), on="other", suffix="_b"
    )
    shifted = joined.with_columns(pl.col("start_b", "end_b") + pl.col("offset_s"))
    twins = (pl.col("start") == pl.col("start_b")) & (pl.col("end") == pl.col("end_b"))
    is_pair = pl.when(pl.col("file") == pl.col("other")).then(
        (pl.col("recording_id") < pl.col("recording_id_b")) & ~twins
    )
    shifted = shifted.filter(is_pair.otherwise(True), pl.col("filepath") != pl.col("filepath_b"))
    return _matches(shifted)


def _matches(shifted: pl.DataFrame) -> pl.DataFrame:
    """Measure the overlap of pairs of rows that are laid out on one clock."""
    ends = pl.min_horizontal("end", "end_b") - pl.max_horizontal("start", "start_b")
    overlapping = shifted.with_columns(overlap_s=ends).filter(
        pl.col("overlap_s") >= LEAST_OVERLAP_S
    )
    first = pl.col("recording_id") < pl.col("recording_id_b")
    length, length_b = pl.col("end") - pl.col("start"), pl.col("end_b") - pl.col("start_b")
    offset = pl.col("start_b") - pl.col("start")
    share, share_b = pl.col("overlap_s") / length, pl.col("overlap_s") / length_b
    matches = overlapping.select(
        recording_id=pl.min_horizontal("recording_id", "recording_id_b"),
        other=pl.max_horizontal("recording_id", "recording_id_b"),
        offset_s=pl.when(first).then(offset).otherwise(-offset),
        overlap_s="overlap_s",
        share=pl.when(first).then(share).otherwise(share_b).clip(0.0, 1.0),
        other_share=pl.when(first).then(share_b).otherwise(share).clip(0.0, 1.0),
        score="score",
        least_score="least_score",
    )
    return conform(matches.sort("recording_id", "other"), MATCHES)
