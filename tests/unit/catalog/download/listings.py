"""Small listings and a small taxonomy for tests."""

from __future__ import annotations

import polars as pl

from oscine.catalog import Crosswalk, Taxon, TaxonomyTable
from oscine.catalog.download import label, make_listing

TAXONOMY = pl.DataFrame(
    {
        "species_code": ["eurbla", "sonthr1", "eurrob1", "mallar3"],
        "scientific_name": [
            "Turdus merula",
            "Turdus philomelos",
            "Erithacus rubecula",
            "Anas platyrhynchos",
        ],
        "common_name": ["Eurasian Blackbird", "Song Thrush", "European Robin", "Mallard"],
    }
)

CROSSWALK = Crosswalk((TaxonomyTable({taxon[0]: Taxon(*taxon) for taxon in TAXONOMY.rows()}),))


def row(number, name="Turdus merula", **changes):
    """A row as an archive's module makes it."""
    return {
        "xc_id": f"XC{number}",
        "file_url": f"https://example.org/{number}",
        "file_type": "mp3",
        "stated_name": name,
        "subspecies": None,
        "license": "CC BY 4.0",
        "author": "Ann Ear",
    } | changes


def listing(*rows):
    """A listing of rows."""
    return make_listing(list(rows), "a test")


def labelled(*rows):
    """A listing of rows, labelled by scientific names."""
    return label(listing(*rows), None).table
