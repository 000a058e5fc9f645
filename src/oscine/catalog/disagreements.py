"""Where labels and scientific names contradict each other, within and between catalogs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from oscine.catalog.crosswalk import Crosswalk
from oscine.catalog.ebird import fold


def disagreements(
    tables: Mapping[str, pl.DataFrame],
    crosswalk: Crosswalk,
    labels: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """List what contradicts itself after the labels were resolved.

    Args:
        tables: The recordings of each catalog, by its name.
        crosswalk: The taxonomies; it may be empty.
        labels: Catalog, label and code of each label that was resolved.

    Returns:
        One entry a contradiction: kind, codes, names, catalogs, recordings, detail. The kinds:
        `two_codes` (a scientific name under several codes), `two_names` (a code with several
        scientific names), `another_name` (a code whose rows state a name that the taxonomies do not
        have for it), `split` (a species of an older table that is several today), `form` (a code
        that the taxonomy holds for a form of a species), `unknown_code` (what one's own table says
        instead of a label, and no taxonomy knows).
    """
    stated = _stated(tables)
    found = [
        *_two_codes(stated),
        *_two_names(stated, crosswalk),
        *_other_names(stated, crosswalk),
        *_splits(labels, crosswalk),
        *_forms(labels, crosswalk),
        *_unknown(labels, crosswalk),
    ]
    return sorted(found, key=lambda entry: (entry["kind"], entry["codes"]))


def _stated(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Count catalog, code and scientific name as they stand together."""
    counts = [
        table.drop_nulls("scientific_name")
        .group_by(code="primary_label", name="scientific_name")
        .agg(recordings=pl.len())
        .with_columns(catalog=pl.lit(catalog))
        for catalog, table in tables.items()
    ]
    rows = pl.concat(counts).sort("code", "name", "catalog") if counts else pl.DataFrame()
    return [row | {"folded": fold(row["name"])} for row in rows.iter_rows(named=True)]


def _entry(kind: str, rows: Iterable[Mapping[str, Any]], detail: str) -> dict[str, Any]:
    rows = list(rows)
    return {
        "kind": kind,
        "codes": sorted({row["code"] for row in rows}),
        "names": sorted({row["name"] for row in rows if row.get("name")}),
        "catalogs": sorted({row["catalog"] for row in rows}),
        "recordings": sum(row["recordings"] for row in rows),
        "detail": detail,
    }


def _grouped(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _two_codes(stated: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for rows in _grouped(stated, "folded").values():
        codes = sorted({row["code"] for row in rows})
        if len(codes) > 1:
            found.append(
                _entry("two_codes", rows, f"{rows[0]['name']} stands under {', '.join(codes)}")
            )
    return found


def _two_names(stated: Sequence[Mapping[str, Any]], crosswalk: Crosswalk) -> list[dict[str, Any]]:
    found = []
    for code, rows in _grouped(stated, "code").items():
        # Names that the taxonomies hold for the same species are one name, of several years.
        species = {crosswalk.named(row["name"]) or row["folded"] for row in rows}
        if len(species) > 1:
            names = sorted({row["name"] for row in rows})
            found.append(_entry("two_names", rows, f"{code} is called {', '.join(names)}"))
    return found


def _other_names(stated: Sequence[Mapping[str, Any]], crosswalk: Crosswalk) -> list[dict[str, Any]]:
    found = []
    for code, rows in _grouped(stated, "code").items():
        taxon = crosswalk.taxon(code)
        if taxon is None or not taxon.scientific_name:
            continue
        for of_name in _grouped(rows, "folded").values():
            name = of_name[0]["name"]
            other = crosswalk.named(name)
            if other == code or fold(name) == fold(taxon.scientific_name):
                continue
            whose = f"no table has {name}" if other is None else f"{name} is {other}"
            detail = f"{code} is {taxon.scientific_name}; {whose}"
            found.append(_entry("another_name", of_name, detail))
    return found


def _of_labels(
    labels: Sequence[Mapping[str, Any]], kind: str, details: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Make an entry for each label that has a detail, over all catalogs."""
    return [
        _entry(kind, rows, details[rows[0]["label"]])
        for rows in _grouped(labels, "label").values()
        if rows[0]["label"] in details
    ]


def _splits(labels: Sequence[Mapping[str, Any]], crosswalk: Crosswalk) -> list[dict[str, Any]]:
    details = {}
    for row in labels:
        # One's own table has decided already.
        others = () if row["how"] == "own_table" else crosswalk.split_off(row["label"], row["code"])
        if others:
            details[row["label"]] = (
                f"{row['label']} became {row['code']}; recordings may be of {', '.join(others)} too"
            )
    return _of_labels(labels, "split", details)


def _forms(labels: Sequence[Mapping[str, Any]], crosswalk: Crosswalk) -> list[dict[str, Any]]:
    details = {}
    for row in labels:
        taxon = crosswalk.taxon(row["code"])
        if taxon is not None and taxon.report_as:
            details[row["label"]] = (
                f"{row['code']} is a form ({taxon.category}) of {taxon.report_as}"
            )
    return _of_labels(labels, "form", details)


def _unknown(labels: Sequence[Mapping[str, Any]], crosswalk: Crosswalk) -> list[dict[str, Any]]:
    if not crosswalk.tables:
        return []
    details = {
        row["label"]: f"{row['label']} became {row['code']!r}, which no taxonomy knows"
        for row in labels
        if row["how"] == "own_table" and row["table"] is None
    }
    return _of_labels(labels, "unknown_code", details)
