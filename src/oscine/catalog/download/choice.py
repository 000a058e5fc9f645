"""Which recordings of a listing are wanted; what is not wanted says why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
from pydantic import Field

from oscine.catalog.licenses import LicenseToken, exclude_licenses
from oscine.config import Config
from oscine.core import Reason

REASONS = ("xc_id", "primary_label", "reason", "detail", "file_url", "url")
"""Columns of a table of recordings that are not in the folder, and why."""


class ChoiceConfig(Config):
    """Which recordings are wanted."""

    exclude_licenses: tuple[LicenseToken, ...] = ()
    """Licences with any of these conditions are left out, such as nc and nd."""
    max_per_species: int | None = Field(None, ge=1)
    """The most recordings of a species: those that are there, then the best rated; null: all."""
    limit: int | None = Field(None, ge=1)
    """The first so many recordings of what is left; null: all."""


@dataclass(frozen=True)
class Choice:
    """What is wanted of a listing.

    Args:
        wanted: Recordings to have, in the order of the listing.
        restricted: Recordings whose file the archive does not give out, with reasons.
        skipped: Recordings that are not wanted, with reasons.
    """

    wanted: pl.DataFrame
    restricted: pl.DataFrame
    skipped: pl.DataFrame


def choose(listing: pl.DataFrame, there: Collection[str], config: ChoiceConfig) -> Choice:
    """Choose recordings of a labelled listing.

    Args:
        listing: A listing with `primary_label`.
        there: Ids of recordings that are in the folder.
        config: What is wanted.

    Returns:
        What is wanted; each other row has a reason, but for those beyond the limit.
    """
    rest, skipped = listing, []

    def leave(leaves: pl.Expr, reason: Reason, detail: pl.Expr) -> pl.DataFrame:
        nonlocal rest
        flagged = rest.with_columns(__leaves=leaves.fill_null(False))
        rest = flagged.filter(~pl.col("__leaves")).drop("__leaves")
        left = flagged.filter("__leaves")
        return left.with_columns(reason=pl.lit(reason.value), detail=detail).select(REASONS)

    nameless = pl.col("primary_label").is_null()
    skipped.append(leave(nameless, Reason.UNIDENTIFIED, pl.col("stated_name").fill_null("no name")))
    refused = exclude_licenses(rest, config.exclude_licenses).departures["xc_id"]
    detail = pl.col("license").fill_null("not stated")
    skipped.append(leave(pl.col("xc_id").is_in(refused.implode()), Reason.LICENSE, detail))
    withheld = pl.col("file_url").is_null()
    restricted = leave(withheld, Reason.RESTRICTED, pl.lit("the archive states no file"))
    if config.max_per_species is not None:
        beyond = _rank(rest, there) > config.max_per_species
        detail = pl.lit(f"beyond {config.max_per_species} of a species")
        skipped.append(leave(beyond, Reason.ENOUGH, detail))
    wanted = rest if config.limit is None else rest.head(config.limit)
    return Choice(wanted, restricted, pl.concat(skipped))


def _rank(listing: pl.DataFrame, there: Collection[str]) -> pl.Expr:
    """Rank a species' recordings from 1: those there, then by rating, then as listed."""
    ordered = listing.select(
        "xc_id",
        "primary_label",
        "rating",
        there=pl.col("xc_id").is_in(list(there)),
        place=pl.int_range(pl.len()),
    ).sort("there", "rating", "place", descending=[True, True, False], nulls_last=True)
    ranks = ordered.select("place", rank=pl.int_range(pl.len()).over("primary_label") + 1)
    return pl.lit(ranks.sort("place")["rank"])
