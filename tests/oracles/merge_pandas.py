"""The reference recipe's merge, filter and resampling in pandas, from its description.

Slow and plain on purpose: `oscine.catalog` must agree with it row by row where nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd


def read_year(path: Path, audio: str, birdclef: str) -> pd.DataFrame:
    """Read `train_metadata.csv` whose filename holds the label folder, and add the columns."""
    table = pd.read_csv(path, keep_default_na=False)
    table["filepath"] = audio + "/" + table["filename"]
    table["filename"] = table["filepath"].map(lambda text: text.split("/")[-1])
    table["xc_id"] = table["filename"].map(lambda text: text.split(".")[0])
    table["birdclef"] = birdclef
    return table


def merge(
    years: Sequence[pd.DataFrame], target: pd.DataFrame, corrupt: Sequence[str] = ()
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Concatenate, drop duplicates, drop the target's recordings, drop corrupt files."""
    counts = {}
    table = pd.concat(years, ignore_index=True)
    counts["concatenate"] = len(table)
    table = table.drop_duplicates(subset=["xc_id", "primary_label", "author"], keep="first")
    counts["duplicate_key"] = len(table)
    table = table[~table["xc_id"].isin(set(target["xc_id"]))]
    counts["target_overlap"] = len(table)
    table = table[~table["filepath"].isin(set(corrupt))]
    counts["corrupt_list"] = len(table)
    return table.reset_index(drop=True), counts


def cv_flags(table: pd.DataFrame, threshold: int) -> pd.Series:
    """Whether a row's class has enough rows to be validated."""
    counts = table["primary_label"].map(table["primary_label"].value_counts())
    return counts >= threshold


def upsample(table: pd.DataFrame, threshold: int, seed: int) -> pd.DataFrame:
    """Fill small classes up to the threshold with rows drawn with replacement."""
    parts = [table]
    for _, rows in table.groupby("primary_label"):
        if len(rows) < threshold:
            parts.append(rows.sample(n=threshold - len(rows), replace=True, random_state=seed))
    return pd.concat(parts, ignore_index=True)


def downsample(table: pd.DataFrame, threshold: int, seed: int) -> pd.DataFrame:
    """Cut large classes down to the threshold, drawn without replacement."""
    parts = []
    for _, rows in table.groupby("primary_label"):
        large = len(rows) > threshold
        parts.append(rows.sample(n=threshold, replace=False, random_state=seed) if large else rows)
    return pd.concat(parts, ignore_index=True)
