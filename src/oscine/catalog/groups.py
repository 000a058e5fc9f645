"""What must not be parted by a split: recordings that share any key, and what those share in turn.

Groups are the connected components of the graph whose nodes are rows and whose edges are shared
key values.

Source: Zhang, Azad & Hu (2020), "FastSV: a distributed-memory connected component algorithm":
hook roots to the least neighbour, then shorten paths, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.catalog.layout import ARCHIVE_ID

GroupKey = Literal["recording", "recordist", "site", "duplicate"]
"""What a group shares."""


def _recording(recordings: pl.DataFrame, _: pl.DataFrame | None) -> pl.Series:
    ids = recordings["xc_id"]
    if ids.str.contains(rf"^{ARCHIVE_ID}$").all():
        return ids.alias("recording")  # as most catalogs state it; the pattern below costs more
    # `XC12345_1` and `XC12345_2` are clips of one recording, in whatever folder they lie.
    archive = pl.col("xc_id").str.extract(rf"(?:^|/)({ARCHIVE_ID})(?:[^0-9/][^/]*)?$")
    return recordings.select(recording=pl.coalesce(archive, "xc_id")).to_series()


def _recordist(recordings: pl.DataFrame, _: pl.DataFrame | None) -> pl.Series:
    folded = pl.col("author").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    return recordings.select(recordist=folded).to_series()


def _site(recordings: pl.DataFrame, _: pl.DataFrame | None) -> pl.Series:
    # A thousandth of a degree is about a hundred metres.
    place = pl.format("{} {}", pl.col("latitude").round(3), pl.col("longitude").round(3))
    name = pl.col("site").str.to_lowercase().str.strip_chars()
    return recordings.select(site=pl.coalesce(name, place)).to_series()


def _duplicate(recordings: pl.DataFrame, clusters: pl.DataFrame | None) -> pl.Series:
    if clusters is None:
        return pl.Series("duplicate", [None] * len(recordings), dtype=pl.String)
    joined = recordings.select("recording_id").join(
        clusters.select("recording_id", duplicate="cluster"),
        on="recording_id",
        how="left",
        maintain_order="left",
    )
    return joined["duplicate"]


KEYS: Mapping[str, Callable[[pl.DataFrame, pl.DataFrame | None], pl.Series]] = {
    "recording": _recording,
    "recordist": _recordist,
    "site": _site,
    "duplicate": _duplicate,
}
"""How to tell the value of each key."""


def key_values(
    recordings: pl.DataFrame, key: GroupKey, clusters: pl.DataFrame | None = None
) -> pl.Series:
    """Tell the value of a key for each row.

    Args:
        recordings: Recordings.
        key: What is shared: the recording (also by clips of it), its recordist, its site (the name,
            else the place to about 100 m), or its duplicate cluster.
        clusters: Twins by content (CLUSTERS), for "duplicate".

    Returns:
        One text a row; null where it is not stated, which is shared with nobody.
    """
    return KEYS[key](recordings, clusters)


def components(keys: Sequence[pl.Series], n_rows: int) -> NDArray[np.int64]:
    """Find the connected components of rows that share a value of any key.

    Args:
        keys: One series a key, each with a value a row; null is shared with nobody.
        n_rows: How many rows there are.

    Returns:
        For each row, the first row of its component.

    Example:
        >>> a, b = pl.Series(["x", "x", None, "y"]), pl.Series(["p", None, "q", "q"])
        >>> components([a, b], 4).tolist()
        [0, 0, 2, 2]
    """
    edges = [_codes(key) for key in keys]
    parent = np.arange(n_rows, dtype=np.int64)
    while True:
        before = parent
        for rows, codes in edges:
            parent = _hook(parent, rows, codes)
        if np.array_equal(parent, before):
            return parent


def _codes(key: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the values that several rows share; give those rows and their numbers."""
    frame = key.alias("key").to_frame().with_row_index("row").drop_nulls("key")
    shared = frame.filter(pl.len().over("key") > 1)
    codes = shared.select((pl.col("key").rank("dense") - 1).cast(pl.Int64)).to_series()
    return shared["row"].cast(pl.Int64).to_numpy(), codes.to_numpy()


def _hook(
    parent: NDArray[np.int64], rows: NDArray[np.int64], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    if not len(rows):
        return parent
    parent = parent.copy()
    roots = parent[rows]
    least = np.full(int(codes.max()) + 1, len(parent), dtype=np.int64)
    np.minimum.at(least, codes, roots)
    np.minimum.at(parent, roots, least[codes])
    while not np.array_equal(shorter := parent[parent], parent):
        parent = shorter
    return parent
