"""Taking out of pretraining what shares a recordist or a site with the target, if a recipe asks.

By default these stay: see docs/decisions/0005.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.groups import key_values
from oscine.core import Reason

SeparateKey = Literal["recordist", "site"]
"""What pretraining may be denied to share with the target, beside recordings and bytes."""

REASONS: Mapping[SeparateKey, Reason] = {
    "recordist": Reason.TARGET_RECORDIST,
    "site": Reason.TARGET_SITE,
}
"""Why a row leaves, by the key that it shares."""


def separate(pretrain: pl.DataFrame, target: pl.DataFrame, key: SeparateKey) -> Outcome:
    """Take out of pretraining the rows that share a key's value with the target.

    Args:
        pretrain: Recordings for pretraining.
        target: Recordings of the target catalogs; they stay.
        key: What must not be shared; a row that does not state it stays.

    Returns:
        What stays in pretraining, and what left with Reason.TARGET_RECORDIST or TARGET_SITE.
    """
    values = (
        key_values(target, key).alias("__value").to_frame().with_columns(target["recording_id"])
    )
    first = (
        values.drop_nulls("__value").group_by("__value").agg(__twin=pl.col("recording_id").min())
    )
    table = pretrain.with_columns(key_values(pretrain, key).alias("__value"))
    joined = table.join(first, on="__value", how="left", maintain_order="left")
    detail = pl.format("{} {}, as {}", pl.lit(key), "__value", "__twin")
    return depart(joined, pl.col("__twin").is_not_null(), REASONS[key], detail)
