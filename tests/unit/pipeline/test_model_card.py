"""The card of a model, from tables made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oscine.features import FeatureConfig, resolve
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo
from oscine.pipeline.model_card import CONDITIONS, CardSources, render, write_card
from unit.catalog.factories import recordings

INFO = BundleInfo(
    format_version=FORMAT_VERSION,
    name="geese fold 0",
    created="2026-01-02T03:04:05+00:00",
    species=[
        SpeciesInfo(species_code="brant", scientific_name="Branta bernicla", common_name="Brant"),
        SpeciesInfo(species_code="gad|wal", scientific_name="", common_name=""),
    ],
    features=resolve(FeatureConfig(), 32_000, 5.0).to_plain(),
    activation="sigmoid",
    versions={"oscine": "0.1.0", "torch": "2.6"},
    licenses={"CC BY 4.0": 1},
    training={"catalog": "abc"},
)
TARGET = recordings(
    [
        {"license": "cc-by-nc-nd 4.0", "author": "Ann", "duration_s": 1800.0, "date": "2019-05-01"},
        {"license": "cc-by 4.0", "author": "Ben", "duration_s": 1800.0, "date": "May 2021"},
        {"latitude": 1.4, "longitude": -7.0, "duration_s": 3600.0, "date": "20000"},
        *[{"license": "cc-by 4.0", "author": "Ben", "duration_s": 0.0}] * 8,
        {"primary_label": "gad|wal", "duration_s": 0.0},
    ]
)
METRICS = {
    "n": 7,
    "pooled": {
        "cmap": {"value": 0.5, "low": 0.25, "high": 0.75},
        "accuracy": {"value": 0.125, "low": None, "high": None},
        "pr_auc": None,
    },
    "folds": {"0": {"cmap": 0.375, "accuracy": None, "pr_auc": None}},
}
PER_CLASS = pl.DataFrame(
    {
        "species_code": ["brant", "gad|wal"],
        "n_validation": [7, 0],
        "average_precision": [0.625, None],
    }
)


def sources(**changes: Any) -> CardSources:
    plain = CardSources(
        INFO, {"target": TARGET}, 0, "resnet18", "none", METRICS, PER_CLASS, level=0.95
    )
    return replace(plain, **changes)


@pytest.mark.parametrize(
    "line",
    [
        "# geese fold 0",
        "| target | a | 12 | 2 | 2 | 2.00 | 2019 to 2021 | 1 to 1° N, -7 to -7° E |",
        "| target | CC BY 4.0 | 9 | 1 | 0.50 |",
        "| target | CC BY-NC-ND 4.0 | 1 | 1 | 0.50 |",
        "| target | unknown | 2 | 0 | 1.00 |",
        "* **no derivatives** (1 recordings): adaptations of the recordings may not be shared.",
        "| cmap | 0.500 | 0.250 to 0.750 | 0.375 |",
        "| accuracy | 0.125 |  | undefined |",
        "| pr_auc | undefined |  | undefined |",
        "| brant | Branta bernicla | Brant | 11 | 7 | 0.625 |",
        "| gad\\|wal |  |  | 1 | 0 | undefined |",
        "* With fewer than 10 training recordings: gad|wal (1).",
        "* torch 2.6",
    ],
)
def test_the_card_says(line: str) -> None:
    assert line in render(sources()).splitlines()


def test_a_class_that_nothing_validates_is_named() -> None:
    text = " ".join(render(sources()).split())
    assert "nothing is known of how well they are recognised: gad|wal." in text


def test_only_conditions_that_a_recording_has_are_explained() -> None:
    text = render(sources())
    absent = {CONDITIONS[token][0] for token in ("sa", "cc0", "pd", "arr")}
    assert [name for name in absent if f"**{name}**" in text] == []


def test_pretraining_counts_as_what_the_model_learned_from(tmp_path: Path) -> None:
    earlier = recordings([{"license": "cc-by-sa 3.0", "author": "Cleo"}], "old")
    both = sources(parts={"pretrain": earlier, "target": TARGET})
    write_card(both, tmp_path)
    text = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| pretrain | old | 1 | 1 | 1 | not measured | not stated | not stated |" in text
    assert "**share alike** (1 recordings)" in text
    named = pl.read_csv(tmp_path / "ATTRIBUTION.csv")
    assert named.columns == ["author", "license", "recordings", "ids"]
    assert named.filter(author="Cleo").row(0) == ("Cleo", "CC BY-SA 3.0", 1, "XC1")
    assert named["recordings"].sum() == len(TARGET) + 1


@pytest.mark.parametrize(
    ("activation", "words"), [("softmax", "add up to one"), ("sigmoid", "scores low in all")]
)
def test_limits_follow_from_the_activation(activation: str, words: str) -> None:
    info = INFO.model_copy(update={"activation": activation})
    assert words in render(sources(info=info))


def test_a_model_that_nothing_validated_says_so() -> None:
    text = render(sources(metrics={}, per_class=pl.DataFrame()))
    assert "nothing is known of how well it works" in text
    assert "| brant | Branta bernicla | Brant | 11 | 0 | undefined |" in text


def test_every_condition_has_words() -> None:
    tokens = ["cc-by-nc-nd", "cc-by-sa", "cc0", "public domain", "all rights reserved", None]
    table = recordings([{"license": text} for text in tokens])
    text = render(sources(parts={"target": table}))
    assert [name for name, _ in CONDITIONS.values() if f"**{name}**" not in text] == []
