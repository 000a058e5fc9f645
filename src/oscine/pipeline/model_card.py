"""The model card of a bundle: what it learned from, under which licences, and how well it works.

Source: Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from oscine.catalog import LicenseToken, attribution, condition_counts, heard_s, license_ledger
from oscine.core import atomic_path, write_text
from oscine.evaluate.names import METRIC_MEANINGS, METRIC_NAMES
from oscine.model.bundle import BundleInfo
from oscine.pipeline.card_classes import (
    WEAK,
    class_rows,
    interval,
    number,
    promises,
    weak_classes,
)

CARD = "MODEL_CARD.md"
ATTRIBUTION_FILE = "ATTRIBUTION.csv"

PROMISES = "## Thresholds and calibration\n"
"""Where the card says what thresholds and calibration promise, up to the next heading."""

FEW = 10
"""A class with fewer training recordings is named among the weak ones."""

CONDITIONS: Mapping[LicenseToken, tuple[str, str]] = {
    "by": ("attribution", "who shares the recordings or adaptations of them names the recordists."),
    "nc": ("non-commercial", "no use that is primarily intended for commercial advantage."),
    "nd": ("no derivatives", "adaptations of the recordings may not be shared."),
    "sa": ("share alike", "adaptations that are shared carry the same licence."),
    "cc0": ("CC0", "nothing; naming the recordist is a courtesy."),
    "pd": ("public domain", "nothing; naming the recordist is a courtesy."),
    "arr": (
        "all rights reserved",
        "use rests on a permission of the recordist, or on an exception that the law makes.",
    ),
    "unknown": (
        "not stated, or of another family",
        "not known here; ask the recordists, or treat them as all rights reserved.",
    ),
}
"""Condition of a licence -> its name, and what it asks for."""


@dataclass(frozen=True)
class CardSources:
    """What a card is made of.

    Args:
        info: What the bundle says of itself.
        parts: Part (`pretrain`, `target`) -> the recordings that the model learned from.
        fold: The fold of the target that it did not learn from.
        backbone: Name of the backbone.
        initial: Where its first weights came from: `imagenet`, `none`, or a file.
        metrics: Metrics of fine-tuning, as `evaluate/metrics.json` has them; empty: none.
        per_class: Metrics of each class, as `evaluate/per_class.parquet` has them.
        level: Share of the draws that an interval holds.
        confusions: Pairs of classes, as `evaluate/confusions.parquet` has them.
        decided: Thresholds and calibration, as `evaluate/calibration.json` has them; None: none.
    """

    info: BundleInfo
    parts: Mapping[str, pl.DataFrame]
    fold: int
    backbone: str
    initial: str
    metrics: Mapping[str, Any]
    per_class: pl.DataFrame
    level: float
    confusions: pl.DataFrame
    decided: Mapping[str, Any] | None

    @property
    def recordings(self) -> pl.DataFrame:
        """All recordings that the model learned from."""
        return pl.concat(self.parts.values())


def write_card(sources: CardSources, folder: Path) -> None:
    """Write the model card, and the list of recordists beside it.

    Args:
        sources: What it is made of.
        folder: The bundle.
    """
    named = attribution(sources.recordings)
    named = named.with_columns(ids=pl.col("xc_ids").list.join("; ")).drop("xc_ids")
    with atomic_path(folder / ATTRIBUTION_FILE) as partial:
        named.write_csv(partial)
    write_text(folder / CARD, render(sources))


def render(sources: CardSources) -> str:
    """Write the text of the card.

    Args:
        sources: What it is made of.

    Returns:
        Markdown.
    """
    return _render("model_card.md.j2", _values(sources))


def renew_promises(card: str, decided: Mapping[str, Any]) -> str:
    """Say in a card what other thresholds and another calibration promise.

    Args:
        card: Text of the card.
        decided: As `evaluate/calibration.json` has it.

    Returns:
        The text, with the section on thresholds and calibration written anew.
    """
    section = _render("promises.md.j2", {"promises": promises(decided)})
    before, heading, rest = card.partition(PROMISES)
    if not heading:
        return f"{card.rstrip()}\n\n{section}"
    _, following, after = rest.partition("\n## ")
    return before + section + following + after


def _render(template: str, values: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("oscine.pipeline"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(template).render(values).rstrip() + "\n"


def _values(sources: CardSources) -> dict[str, Any]:
    classes = class_rows(sources.info, sources.parts["target"], sources.per_class)
    everything = sources.recordings
    few = [f"{row['name']} ({row['training']})" for row in classes if row["training"] < FEW]
    return {
        "info": sources.info,
        "spec": sources.info.spec(),
        "backbone": sources.backbone,
        "initial": "random" if sources.initial == "none" else sources.initial,
        "parts": list(sources.parts),
        "catalogs": _catalogs(sources.parts),
        "licenses": _licenses(sources.parts),
        "conditions": [
            {"name": CONDITIONS[token][0], "words": CONDITIONS[token][1], "recordings": n}
            for token, n in condition_counts(everything).items()
        ],
        "metrics": _metrics(sources.metrics, sources.fold),
        "n_validation": sources.metrics.get("n", 0),
        "level": f"{sources.level:.0%}",
        "classes": classes,
        "unvalidated": [row["name"] for row in classes if not row["validation"]],
        "few": few,
        "weak": weak_classes(classes, sources.confusions),
        "weak_below": WEAK,
        "promises": promises(sources.decided),
        "fewest": FEW,
        "names": sorted(everything["catalog"].unique()),
    }


def _cell(text: str) -> str:
    """Keep a text within its cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def _hours(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _catalogs(parts: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Count by part and catalog; say when and where recordings were made, in whole degrees."""
    year = pl.col("date").str.extract(r"\b((?:18|19|20)\d\d)\b")
    ends = [
        end.cast(pl.Int64).alias(f"{name}_{which}")
        for name, value in {
            "year": year,
            "latitude": pl.col("latitude").round(),
            "longitude": pl.col("longitude").round(),
        }.items()
        for which, end in (("low", value.min()), ("high", value.max()))
    ]
    rows = []
    for part, table in parts.items():
        counts = table.group_by("catalog").agg(
            *ends,
            recordings=pl.len(),
            classes=pl.col("primary_label").n_unique(),
            recordists=pl.col("author").drop_nulls().n_unique(),
            hours=pl.when(heard_s().is_not_null().all()).then(heard_s().sum() / 3600),
        )
        for row in counts.sort("catalog").iter_rows(named=True):
            words = {"part": part, "hours": _hours(row["hours"])}
            rows.append(row | words | {"years": _years(row), "places": _places(row)})
    return rows


def _years(row: Mapping[str, Any]) -> str:
    if row["year_low"] is None:
        return "not stated"
    return f"{row['year_low']} to {row['year_high']}"


def _places(row: Mapping[str, Any]) -> str:
    if row["latitude_low"] is None:
        return "not stated"
    return (
        f"{row['latitude_low']} to {row['latitude_high']}° N, "
        f"{row['longitude_low']} to {row['longitude_high']}° E"
    )


def _licenses(parts: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    whole = {part: table.with_columns(catalog=pl.lit(part)) for part, table in parts.items()}
    rows = license_ledger(whole).iter_rows(named=True)
    return [row | {"hours": _hours(row["hours"])} for row in rows]


def _metrics(metrics: Mapping[str, Any], fold: int) -> list[dict[str, str]]:
    own = metrics.get("folds", {}).get(str(fold), {})
    rows = []
    for name, found in metrics.get("pooled", {}).items():
        rows.append(
            {
                "name": METRIC_NAMES.get(name, name),
                "meaning": METRIC_MEANINGS.get(name, ""),
                "value": number(found["value"] if found else None),
                "interval": interval(found),
                "fold": number(own.get(name)),
            }
        )
    return rows
