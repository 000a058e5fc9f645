"""Licences of recordings: one short form, exclusion by condition, counts and attribution.

Published tables state the same licence in words, as a link, or as a short code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import polars as pl

from oscine.catalog.departures import Outcome, depart
from oscine.catalog.measured import heard_s
from oscine.catalog.tables import ATTRIBUTION, LICENSES, conform
from oscine.core import Reason

LicenseToken = Literal["by", "nc", "nd", "sa", "cc0", "pd", "arr", "unknown"]
"""A condition: attribution, non-commercial, no derivatives, share alike; or public domain (cc0,
pd), all rights reserved (arr), not stated (unknown)."""

_WORDS = {
    "attribution": "by",
    "noncommercial": "nc",
    "non-commercial": "nc",
    "noderivatives": "nd",
    "noderivs": "nd",
    "sharealike": "sa",
    "share-alike": "sa",
}
_ORDER = ("by", "nc", "nd", "sa")


def normalise_license(text: str | None) -> str:
    """Bring a licence to its short form.

    Args:
        text: As stated: words, a link, or a code; null when not stated.

    Returns:
        Such as "CC BY-NC-SA 4.0", "CC0", "all rights reserved", "unknown"; a licence of another
        family stays as it is.

    Example:
        >>> normalise_license("Creative Commons Attribution-NonCommercial-ShareAlike 3.0")
        'CC BY-NC-SA 3.0'
        >>> normalise_license("//creativecommons.org/licenses/by-nc-nd/2.5/")
        'CC BY-NC-ND 2.5'
    """
    if text is None or not text.strip():
        return "unknown"
    plain = text.lower()
    if "cc0" in plain or "cc-0" in plain or "publicdomain/zero" in plain:
        return "CC0"
    if "public domain" in plain or "publicdomain" in plain:
        return "public domain"
    if "all rights reserved" in plain:
        return "all rights reserved"
    for word, token in _WORDS.items():
        plain = plain.replace(word, token)
    conditions = set(re.findall(r"\b(by|nc|nd|sa)\b", plain))
    if "by" not in conditions:
        return text.strip()
    version = re.search(r"\d\.\d", plain)
    name = "CC " + "-".join(token.upper() for token in _ORDER if token in conditions)
    return f"{name} {version.group()}" if version else name


def license_tokens(text: str | None) -> frozenset[str]:
    """Say which conditions a licence has.

    Example:
        >>> sorted(license_tokens("cc-by-nc 4.0"))
        ['by', 'nc']
    """
    short = normalise_license(text)
    whole = {
        "CC0": "cc0",
        "public domain": "pd",
        "all rights reserved": "arr",
        "unknown": "unknown",
    }
    if short in whole:
        return frozenset({whole[short]})
    found = re.findall(r"\b(by|nc|nd|sa)\b", short.lower()) if short.startswith("CC ") else []
    return frozenset(found) or frozenset({"unknown"})


def exclude_licenses(recordings: pl.DataFrame, tokens: Sequence[str]) -> Outcome:
    """Take out the recordings whose licence has any of the given conditions.

    Args:
        recordings: Recordings.
        tokens: Conditions, such as ("nc", "nd"); see LicenseToken.

    Returns:
        What stays, and what left with Reason.LICENSE.
    """
    texts = recordings["license"].unique().to_list()
    refused = [text for text in texts if license_tokens(text) & set(tokens)]
    stated = pl.col("license").is_in([text for text in refused if text is not None])
    leaves = stated.fill_null(None in refused)
    return depart(recordings, leaves, Reason.LICENSE, pl.col("license").fill_null("not stated"))


def _with_short_form(recordings: pl.DataFrame) -> pl.DataFrame:
    texts = recordings["license"].unique().drop_nulls().to_list()
    short = {text: normalise_license(text) for text in texts}
    license_ = pl.col("license").replace(short).fill_null("unknown")
    return recordings.with_columns(license=license_)


def license_counts(recordings: pl.DataFrame) -> pl.DataFrame:
    """Count recordings and recordists by licence.

    Returns:
        Columns license (short form), recordings, recordists; the most frequent first.
    """
    return _counted(recordings, ["license"])


def license_ledger(parts: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Count recordings, recordists and hours by licence, for each part and catalog.

    Args:
        parts: Part (`pretrain`, `target`) -> its recordings, measured by the audit.

    Returns:
        Rows of LICENSES; hours are null where a length is not known.
    """
    seconds = heard_s()
    hours = pl.when(seconds.is_not_null().all()).then(seconds.sum() / 3600).alias("hours")
    rows = [
        _counted(table, ["catalog", "license"], hours).with_columns(part=pl.lit(part))
        for part, table in parts.items()
    ]
    return conform(pl.concat(rows), LICENSES)


def _counted(recordings: pl.DataFrame, keys: Sequence[str], *more: pl.Expr) -> pl.DataFrame:
    """Count by some columns, of which the licence is the last; the most frequent licence first."""
    recordists = pl.col("author").drop_nulls().n_unique().alias("recordists")
    counts = _with_short_form(recordings).group_by(keys)
    order = [*keys[:-1], "recordings", keys[-1]]
    return counts.agg(pl.len().alias("recordings"), recordists, *more).sort(
        order, descending=[name == "recordings" for name in order]
    )


def condition_counts(recordings: pl.DataFrame) -> dict[LicenseToken, int]:
    """Count the recordings whose licence has each condition.

    Returns:
        Condition -> recordings, in the order of LicenseToken; those that no licence has are left
        out. A recording counts under each of its conditions.

    Example:
        >>> from oscine.catalog.tables import RECORDINGS, empty
        >>> condition_counts(empty(RECORDINGS))
        {}
    """
    counts = dict(recordings.group_by("license").len().iter_rows())
    found: dict[LicenseToken, int] = {}
    for token in get_args(LicenseToken):
        n = sum(n for text, n in counts.items() if token in license_tokens(text))
        if n:
            found[token] = n
    return found


def attribution(recordings: pl.DataFrame) -> pl.DataFrame:
    """List who must be named: one row a recordist and licence, with the ids.

    Returns:
        Rows of ATTRIBUTION, sorted by author and licence.
    """
    rows = _with_short_form(recordings).with_columns(pl.col("author").fill_null("unknown"))
    named = (
        rows.group_by("author", "license")
        .agg(recordings=pl.len(), xc_ids=pl.col("xc_id").unique().sort())
        .sort("author", "license")
    )
    return conform(named, ATTRIBUTION)
