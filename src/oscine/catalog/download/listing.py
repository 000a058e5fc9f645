"""What an archive offers, in one form for every archive, and the label of each recording.

An archive's module turns what the archive states into a *listing*: one row a recording, under our
column names. A recording that states no single species (a soundscape, a hybrid, a genus alone, a
bird that nobody knows) has no scientific name here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import polars as pl

from oscine.catalog.crosswalk import Crosswalk, Match
from oscine.catalog.reading import AUDIO_EXTENSIONS, typed
from oscine.catalog.tables import RECORDINGS, Column, check, conform

LISTING: Mapping[str, Column] = {
    "xc_id": Column(pl.String, "id in its archive: XC1, iNat1, GBIF1", required=True),
    "file_url": Column(pl.String, "where the file is; null: not given out"),
    "file_type": Column(pl.String, "file extension in lower case", required=True),
    "scientific_name": Column(pl.String, "genus and species; null: no single species"),
    "stated_name": Column(pl.String, "the name as the archive states it"),
    "subspecies": Column(pl.String, "subspecific epithet"),
    "quality": Column(pl.String, "quality as the archive states it"),
    "country": Column(pl.String, "country or its code"),
    "duration_s": Column(pl.Float64, "duration as stated, s", low=0.0),
    "sex": Column(pl.String, "sex as stated"),
    "stage": Column(pl.String, "life stage as stated"),
    "method": Column(pl.String, "how it was recorded"),
    **{
        name: RECORDINGS[name]
        for name in (
            "secondary_labels",
            "common_name",
            "type",
            "rating",
            "author",
            "license",
            "url",
            "latitude",
            "longitude",
            "site",
            "date",
            "time",
            "bird_seen",
        )
    },
}
"""The listing: one row a recording that an archive offers."""

UNKNOWN_FILE_TYPE = "audio"
"""Extension of a file whose kind neither its address nor its archive tells."""

NOT_SPECIES = ("Mystery mystery", "Sonus naturalis")
"""Xeno-Canto's names for a voice that nobody knows, and for a soundscape."""

_SPECIES = r"^(\p{Lu}[\p{L}-]+ \p{Ll}[\p{L}-]+)(?: \p{Ll}[\p{L}-]+)?$"
_SUBSPECIES = r"^\p{Lu}[\p{L}-]+ \p{Ll}[\p{L}-]+ (\p{Ll}[\p{L}-]+)$"
_NO_EPITHET = r" (?:sp|spp|spec|species|indet|hybrid)$"


def species_name(stated: pl.Expr) -> pl.Expr:
    """Reduce a stated name to genus and species.

    Args:
        stated: Names: genus and species, with a subspecies or without.

    Returns:
        Null where the name is no single species: `Turdus`, `Turdus sp.`, `Anas a x b`.

    Example:
        >>> names = pl.DataFrame({"a": ["Corvus corax tibetanus", "Turdus sp."]})
        >>> names.select(species_name(pl.col("a")))["a"].to_list()
        ['Corvus corax', None]
    """
    species = stated.str.strip_chars().str.extract(_SPECIES)
    return pl.when(~species.is_in(NOT_SPECIES) & ~species.str.contains(_NO_EPITHET)).then(species)


def subspecies_name(stated: pl.Expr) -> pl.Expr:
    """Give the third word of a stated name, where there are three."""
    return stated.str.strip_chars().str.extract(_SUBSPECIES)


def make_listing(rows: list[dict[str, Any]] | pl.DataFrame, where: object) -> pl.DataFrame:
    """Give what an archive states the listing's types.

    Args:
        rows: Columns of the listing as texts (lists of texts for labels and types);
            `stated_name` tells the species.
        where: What to name in an error.

    Returns:
        The listing: species and subspecies read from the stated name, each id once.

    Raises:
        CatalogError: A value has no place in its column's type.
    """
    lists = {"secondary_labels", "type"}
    schema = {
        name: pl.List(pl.String) if name in lists else pl.String()
        for name in LISTING
        if name != "scientific_name"
    }
    table = pl.DataFrame(rows, schema=schema) if isinstance(rows, list) else rows
    table = typed(table, where).with_columns(scientific_name=species_name(pl.col("stated_name")))
    if "subspecies" not in table.columns:
        table = table.with_columns(subspecies=subspecies_name(pl.col("stated_name")))
    listing = conform(table, LISTING).with_columns(pl.col("secondary_labels", "type").fill_null([]))
    listing = listing.unique("xc_id", keep="first", maintain_order=True)
    check(listing, LISTING, where=where)
    return listing


def file_type(name: str | None) -> str | None:
    """Read an audio file's extension from its name or address.

    Returns:
        The extension in lower case; null when it is none of a sound file.

    Example:
        >>> file_type("https://static.example.org/sounds/7.M4A?123")
        'm4a'
    """
    found = re.search(r"\.([A-Za-z0-9]{2,4})$", urlsplit(name or "").path)
    extension = found[1].lower() if found else ""
    return extension if extension in AUDIO_EXTENSIONS else None


@dataclass(frozen=True)
class Labelled:
    """A listing with labels.

    Args:
        table: The listing, with `primary_label`: null where no single species is stated.
        unresolved: Names that the taxonomy does not know, sorted; they stay as labels.
        unresolved_behind: The same of the species in the background.
    """

    table: pl.DataFrame
    unresolved: list[str]
    unresolved_behind: list[str]


def label(listing: pl.DataFrame, crosswalk: Crosswalk | None) -> Labelled:
    """Label recordings by scientific name, or by eBird code.

    Args:
        listing: What an archive offers.
        crosswalk: Knows an eBird taxonomy; null: the scientific name is the label.

    Returns:
        The same rows. Where the taxonomy knows a species it gives the names too: those of the
        archive may be a synonym.
    """
    if crosswalk is None:
        return Labelled(listing.with_columns(primary_label="scientific_name"), [], [])
    species = _matches(listing["scientific_name"], crosswalk)
    behind = _matches(listing["secondary_labels"].explode(), crosswalk)
    codes = {name: match.code for name, match in species.items()}
    names = {
        column: pl.col("scientific_name").replace(_names(species, crosswalk, column))
        for column in ("scientific_name", "common_name")
    }
    known = pl.col("scientific_name").is_in([*_names(species, crosswalk, "common_name")])
    table = listing.with_columns(
        primary_label=pl.col("scientific_name").replace(codes),
        scientific_name=names["scientific_name"],
        common_name=pl.when(known).then(names["common_name"]).otherwise("common_name"),
        secondary_labels=pl.col("secondary_labels")
        .list.eval(pl.element().replace({name: match.code for name, match in behind.items()}))
        .list.unique(maintain_order=True),
    )
    kept = table.select(*listing.columns, "primary_label")
    return Labelled(kept, _unresolved(species), _unresolved(behind))


def _matches(names: pl.Series, crosswalk: Crosswalk) -> dict[str, Match]:
    return {name: crosswalk.find(name) for name in names.drop_nulls().unique().sort().to_list()}


def _names(
    matches: Mapping[str, Match],
    crosswalk: Crosswalk,
    column: Literal["scientific_name", "common_name"],
) -> dict[str, str]:
    """Give what the taxonomy calls each species that it knows."""
    taxa = {name: crosswalk.taxon(match.code) for name, match in matches.items()}
    return {
        name: text for name, taxon in taxa.items() if taxon and (text := getattr(taxon, column))
    }


def _unresolved(matches: Mapping[str, Match]) -> list[str]:
    return [name for name, match in matches.items() if match.how == "unresolved"]
