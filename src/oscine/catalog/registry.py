"""Every kind of catalog in one literal dict, and reading one catalog of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import polars as pl
from pydantic import Field, field_validator

from oscine.catalog.crosswalk import TaxonomyConfig
from oscine.catalog.reading import Inputs, SourceConfig
from oscine.catalog.reconcile import reconcile
from oscine.catalog.sources import (
    audacity,
    birdclef2020,
    birdclef2021,
    birdclef2022,
    birdclef2023,
    birdclef2024,
    birdclef2025,
    birdclef2026,
    birdclef_soundscapes,
    folder,
    raven,
    table,
    xeno_canto_extended,
)
from oscine.catalog.tables import RECORDINGS, check
from oscine.core import CatalogError, LabelError


class Source(Protocol):
    """What the module of every kind of catalog declares."""

    KIND: str
    """Its name in a recipe."""
    DESCRIPTION: str
    """One line: which table, which folder of audio."""

    def inputs(self, config: SourceConfig) -> Inputs:
        """Say which files and names a catalog's rows follow from."""
        ...

    def read(self, config: SourceConfig) -> pl.DataFrame:
        """Read a catalog to a recordings table."""
        ...


SOURCES: Mapping[str, Source] = {
    "birdclef2020": birdclef2020,
    "birdclef2021": birdclef2021,
    "birdclef2022": birdclef2022,
    "birdclef2023": birdclef2023,
    "birdclef2024": birdclef2024,
    "birdclef2025": birdclef2025,
    "birdclef2026": birdclef2026,
    "xeno_canto_extended": xeno_canto_extended,
    "birdclef_soundscapes": birdclef_soundscapes,
    "folder": folder,
    "table": table,
    "raven": raven,
    "audacity": audacity,
}
"""The kinds of catalogs, by their names in a recipe."""


class CatalogConfig(SourceConfig):
    """One catalog of a recipe."""

    source: str
    """Kind of catalog, one of SOURCES."""
    role: Literal["pretrain", "target"]
    """Whether it is for pretraining, or holds the species that matter."""
    label_column: Literal["primary_label", "genus", "scientific_name", "common_name"] = (
        "primary_label"
    )
    """What the class is; genus is the first word of the scientific name."""
    min_recordings: int = Field(1, ge=1)
    """Its classes with fewer recordings, after the merge, leave."""

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source not in SOURCES:
            raise ValueError(f"no such source; the choices are {', '.join(SOURCES)}")
        return source


def read_catalog(config: CatalogConfig) -> pl.DataFrame:
    """Read one catalog, its labels as they were published.

    Args:
        config: Which, and where.

    Returns:
        The recordings table (RECORDINGS); `recording_id` is the catalog's name and the path below
        the folder of audio.

    Raises:
        SourceError: The table or the audio is not what the kind promises.
        LabelError: `label_column` is not stated for some rows.
        CatalogError: The table breaks the column contract.
    """
    return _finished(SOURCES[config.source].read(config), config)


@dataclass(frozen=True)
class Catalogs:
    """The catalogs of a recipe, read.

    Args:
        tables: Each catalog's settings and recordings, in the order of the recipe.
        taxonomy: What became of the labels; JSON-ready.
    """

    tables: list[tuple[CatalogConfig, pl.DataFrame]]
    taxonomy: dict[str, Any]


def read_catalogs(configs: Sequence[CatalogConfig], taxonomy: TaxonomyConfig) -> Catalogs:
    """Read the catalogs of a recipe and give their labels one taxonomy.

    Args:
        configs: Which, and where.
        taxonomy: What resolves labels, before `label_column` makes another name the class.

    Returns:
        Their recordings, and the account of their labels.

    Raises:
        SourceError: A table or the audio is not what the kind promises.
        LabelError: `label_column` is not stated for some rows, or a strict taxonomy does not know
            a label.
        CatalogError: A table breaks the column contract, or two catalogs have one name.
    """
    names = [config.name for config in configs]
    if len(set(names)) < len(names):
        raise CatalogError(f"two catalogs have one name: {', '.join(names)}", fix="rename one")
    published = {config.name: SOURCES[config.source].read(config) for config in configs}
    reconciled = reconcile(published, taxonomy)
    tables = [(config, _finished(reconciled.tables[config.name], config)) for config in configs]
    return Catalogs(tables, reconciled.account)


def _finished(recordings: pl.DataFrame, config: CatalogConfig) -> pl.DataFrame:
    if config.label_column != "primary_label":
        recordings = _relabel(recordings, config)
    check(recordings, RECORDINGS, where=config.name)
    return recordings


def catalog_inputs(config: CatalogConfig) -> Inputs:
    """Say which files and names one catalog's table follows from.

    Raises:
        SourceError: A remote folder cannot be listed.
    """
    return SOURCES[config.source].inputs(config)


def _relabel(recordings: pl.DataFrame, config: CatalogConfig) -> pl.DataFrame:
    """Make a name the class. Codes that the catalog has a name for change in the secondary labels.

    A row that does not state its name has that of the other rows with its code.
    """
    column = "common_name" if config.label_column == "common_name" else "scientific_name"
    name = pl.col(column)
    if config.label_column == "genus":
        name = name.str.split(" ").list.first()
    stated = recordings.select(code="primary_label", label=name).drop_nulls()
    counts = stated.group_by("code", "label").len().sort("code", "len", "label")
    names = dict(counts.select("code", "label").iter_rows())
    label = name.fill_null(pl.col("primary_label").replace_strict(names, default=None))
    relabelled = recordings.with_columns(label=label)
    nameless = relabelled["label"].is_null()
    if nameless.any():
        codes = recordings["primary_label"].filter(nameless).unique().sort().to_list()
        raise LabelError(
            f"{nameless.sum()} rows have no {config.label_column}: {', '.join(codes[:10])}",
            where=f"catalog {config.name}, first in row {nameless.arg_max()}",
            fix="set `taxonomy.tables`, or another label_column",
        )
    renamed = pl.col("secondary_labels").list.eval(pl.element().replace(names))
    others = renamed.list.unique(maintain_order=True).list.set_difference(pl.concat_list("label"))
    return relabelled.with_columns(
        published_label=pl.coalesce("published_label", "primary_label"),
        primary_label="label",
        secondary_labels=others,
    ).drop("label")
