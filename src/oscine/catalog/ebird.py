"""Taxonomy tables: the yearly files of eBird, and those that competitions ship with recordings.

Source: the taxonomy of eBird (Cornell Lab of Ornithology). The file of 2021 has `SPECIES_CODE`,
`PRIMARY_COM_NAME`, `SCI_NAME`, `CATEGORY`, `REPORT_AS`; the checklists since then `species_code`,
`English name`, `scientific name`; BirdCLEF+ 2025 and 2026 have `primary_label`, `inat_taxon_id`,
`scientific_name`, `common_name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from oscine.catalog.reading import read_published
from oscine.core import Location, SourceError

HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": ("speciescode", "primarylabel"),
    "scientific_name": ("sciname", "scientificname"),
    "common_name": ("primarycomname", "comname", "englishname", "commonname"),
    "category": ("category",),
    "report_as": ("reportas",),
    "number": ("inattaxonid",),
}
"""What a table may call each column; case, spaces and underscores do not matter."""

NEEDED = ("code", "scientific_name", "common_name")

Key = Literal["code", "scientific_name", "common_name"]
"""By what a taxon is looked up."""


@dataclass(frozen=True)
class Taxon:
    """One row of a taxonomy table.

    Args:
        code: The species code, or another label of the table.
        scientific_name: Genus and species, or the name of a form; empty when not stated.
        common_name: English name; empty when not stated.
        category: `species`, or a form such as `issf`; a table without categories has species only.
        report_as: Code of the species that a form belongs to; empty for species.
        number: Its number at iNaturalist; empty when not stated.
    """

    code: str
    scientific_name: str = ""
    common_name: str = ""
    category: str = "species"
    report_as: str = ""
    number: str = ""


@dataclass(frozen=True)
class TaxonomyTable:
    """One taxonomy.

    Args:
        taxa: Code -> taxon.
    """

    taxa: Mapping[str, Taxon]

    def codes(self, key: Key, text: str) -> tuple[str, ...]:
        """Find the taxa that a text names.

        Args:
            key: What the text is. A taxon's iNaturalist number counts as a code.
            text: Case, hyphens, underscores, apostrophes and British spelling do not matter.

        Returns:
            Codes, sorted: none, one, or several that share the name. A name that stands for a
            species and for forms of it means the species.

        Example:
            >>> table = TaxonomyTable({"grbher1": Taxon("grbher1", "Ardea cinerea", "Gray Heron")})
            >>> table.codes("common_name", "grey_heron")
            ('grbher1',)
        """
        return self._index[key].get(fold(text), ())

    @cached_property
    def _index(self) -> Mapping[Key, Mapping[str, tuple[str, ...]]]:
        index: dict[Key, dict[str, set[str]]] = {
            "code": {},
            "scientific_name": {},
            "common_name": {},
        }
        for taxon in self.taxa.values():
            index["code"].setdefault(fold(taxon.code), set()).add(taxon.code)
            index["scientific_name"].setdefault(fold(taxon.scientific_name), set()).add(taxon.code)
            index["common_name"].setdefault(fold(taxon.common_name), set()).add(taxon.code)
        for taxon in self.taxa.values():
            # A label that is a code is never taken for another taxon's number.
            index["code"].setdefault(fold(taxon.number), {taxon.code})
        return {
            key: {text: self._species_first(codes) for text, codes in found.items() if text}
            for key, found in index.items()
        }

    def _species_first(self, codes: set[str]) -> tuple[str, ...]:
        species = {code for code in codes if self.taxa[code].category == "species"}
        return tuple(sorted(species or codes))

    @cached_property
    def forms(self) -> Mapping[str, tuple[str, ...]]:
        """Code of a species -> codes of its forms."""
        forms: dict[str, list[str]] = {}
        for taxon in self.taxa.values():
            if taxon.report_as:
                forms.setdefault(taxon.report_as, []).append(taxon.code)
        return {code: tuple(sorted(found)) for code, found in forms.items()}


def fold(text: str) -> str:
    """Bring a code or name to the form in which texts are compared.

    Example:
        >>> fold("  Chuck-will's_widow "), fold("Grey Partridge")
        ('chuck wills widow', 'gray partridge')
    """
    plain = re.sub("['\u2019`]", "", text.lower())
    words = re.sub(r"[\s_-]+", " ", plain).strip()
    return re.sub(r"\bgrey\b", "gray", words).replace("colour", "color")


def read_taxonomy(path: Location) -> TaxonomyTable:
    """Read a taxonomy table.

    Args:
        path: CSV, TSV or Parquet; a byte order mark is met.

    Returns:
        Its taxa; of a code that stands twice, the first row.

    Raises:
        SourceError: The file is missing, or lacks a column.
    """
    published = read_published(path)
    theirs = {re.sub("[^a-z]", "", name.lower()): name for name in reversed(published.columns)}
    found = {
        ours: [theirs[name] for name in names if name in theirs] for ours, names in HEADERS.items()
    }
    columns = {ours: names[0] for ours, names in found.items() if names}
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise SourceError(
            f"the taxonomy lacks a column for {', '.join(missing)}",
            where=path,
            fix=f"its columns are {', '.join(published.columns)}; is this an eBird taxonomy?",
        )
    rows = published.select(
        pl.col(name).cast(pl.String).str.strip_chars().fill_null("").alias(ours)
        for ours, name in columns.items()
    ).filter(pl.col("code") != "")
    taxa: dict[str, Taxon] = {}
    for row in rows.iter_rows(named=True):
        if "category" in row and not row["category"]:
            row["category"] = "species"
        # Some files state a species as reported as itself.
        if row.get("report_as") == row["code"]:
            row["report_as"] = ""
        taxa.setdefault(row["code"], Taxon(**row))
    return TaxonomyTable(taxa)
