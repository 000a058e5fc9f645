"""Licences of recordings: one short form, exclusion by condition, counts and attribution.

Published tables state the same licence in words, as a link, or as a short code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import polars as pl

from oscine.catalog.departures import Outcome, depart
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
    counts = _with_short_form(recordings).group_by("license")
    return counts.agg(
        recordings=pl.len(), recordists=pl.col("author").drop_nulls().n_unique()
    ).sort("recordings", "license", descending=[True, False])


def attribution(recordings: pl.DataFrame) -> pl.DataFrame:
    """List who must be named: one row a recordist and licence, with the ids.

    Returns:
        Columns author, license (short form), recordings, xc_ids (sorted); sorted by author.
    """
    rows = _with_short_form(recordings).with_columns(pl.col("author").fill_null("unknown"))
    return (
        rows.group_by("author", "license")
        .agg(recordings=pl.len(), xc_ids=pl.col("xc_id").unique().sort())
        .sort("author", "license")
    )
