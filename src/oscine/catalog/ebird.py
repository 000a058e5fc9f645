"""The eBird taxonomy as a crosswalk: a code, scientific or common name to one species.

Source: the yearly taxonomy file of eBird (Cornell Lab of Ornithology), `SPECIES_CODE`,
`PRIMARY_COM_NAME`, `SCI_NAME`; users bring the year they work with.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import polars as pl

from oscine.catalog.reading import pick_columns, read_published
from oscine.core import Location

log = logging.getLogger("oscine")

COLUMNS = {
    "species_code": "SPECIES_CODE",
    "scientific_name": "SCI_NAME",
    "common_name": "PRIMARY_COM_NAME",
}


def read_ebird_taxonomy(path: Location) -> pl.DataFrame:
    """Read an eBird taxonomy.

    Args:
        path: The CSV file; a byte order mark is met.

    Returns:
        Columns species_code, scientific_name, common_name; full species first.

    Raises:
        SourceError: The file is missing or lacks a column.
    """
    published = read_published(path)
    if "CATEGORY" in published.columns:
        # A name that stands for a species and for a form of it means the species.
        published = published.sort(pl.col("CATEGORY") != "species", maintain_order=True)
    table = pick_columns(published, COLUMNS, path)
    return table.drop_nulls("species_code").unique(
        "species_code", keep="first", maintain_order=True
    )


@dataclass(frozen=True)
class Resolution:
    """Which labels a taxonomy knows.

    Args:
        species: One row a label that was resolved: label, species_code, scientific_name,
            common_name.
        unresolved: The labels that it does not know, sorted.
    """

    species: pl.DataFrame
    unresolved: list[str]


def resolve(labels: pl.Series, taxonomy: pl.DataFrame) -> Resolution:
    """Look labels up by code, then by scientific name, then by common name.

    Case, hyphens, underscores and apostrophes do not matter in names.

    Args:
        labels: Codes or names; repeats are allowed.
        taxonomy: As `read_ebird_taxonomy` gives it.

    Returns:
        The species found, and the labels that were not.

    Example:
        >>> taxonomy = pl.DataFrame({"species_code": ["sakfal1"], "scientific_name":
        ...     ["Falco cherrug"], "common_name": ["Saker Falcon"]})
        >>> found = resolve(pl.Series(["saker_falcon", "dog"]), taxonomy)
        >>> found.species["species_code"].to_list(), found.unresolved
        (['sakfal1'], ['dog'])
    """
    wanted = labels.drop_nulls().unique().sort().alias("label").to_frame()
    wanted = wanted.with_columns(key=_plain("label"))
    keys = [
        taxonomy.select(_plain(name).alias("key"), rank=pl.lit(rank), code="species_code")
        for rank, name in enumerate(("species_code", "scientific_name", "common_name"))
    ]
    by_key = (
        pl.concat(keys)
        .sort("rank", maintain_order=True)
        .unique("key", keep="first", maintain_order=True)
    )
    found = (
        wanted.join(by_key, on="key", how="inner", maintain_order="left")
        .select("label", species_code="code")
        .join(taxonomy, on="species_code", how="left", maintain_order="left")
    )
    unresolved = wanted.join(found, on="label", how="anti")["label"].to_list()
    return Resolution(found.select("label", *COLUMNS), unresolved)


def _plain(name: str) -> pl.Expr:
    folded = pl.col(name).str.to_lowercase().str.replace_all("['\u2019`]", "")
    return folded.str.replace_all(r"[\s_-]+", " ").str.strip_chars()


def apply_taxonomy(table: pl.DataFrame, taxonomy: pl.DataFrame, where: object) -> pl.DataFrame:
    """Give recordings the codes and names of a taxonomy.

    Args:
        table: Recordings.
        taxonomy: As `read_ebird_taxonomy` gives it.
        where: What to name in the log.

    Returns:
        The same rows; a label that the taxonomy does not know stays, and is listed in the log.
        Names that a row states stay.
    """
    resolution = resolve(table["primary_label"], taxonomy)
    if resolution.unresolved:
        listed = ", ".join(resolution.unresolved)
        log.warning("%s: %d labels unresolved: %s", where, len(resolution.unresolved), listed)
    names = resolution.species.rename({name: f"{name}_found" for name in COLUMNS})
    joined = table.join(
        names, left_on="primary_label", right_on="label", how="left", maintain_order="left"
    )
    return joined.with_columns(
        primary_label=pl.coalesce("species_code_found", "primary_label"),
        scientific_name=pl.coalesce("scientific_name", "scientific_name_found"),
        common_name=pl.coalesce("common_name", "common_name_found"),
    ).select(table.columns)
