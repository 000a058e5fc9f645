"""The card of a model, from tables made here."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import oscine
from oscine.features import FeatureConfig, resolve
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo
from oscine.pipeline.model_card import CONDITIONS, CardSources, render, renew_promises, write_card
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
        "average_precision_low": [0.5, None],
        "average_precision_high": [0.75, None],
    }
)
CONFUSIONS = pl.DataFrame({"species_code": ["brant"], "predicted": ["gad|wal"], "n": [3]})
DECIDED = {
    "settings": {"min_positives": 10},
    "n_parts": 3,
    "thresholds": {"brant": 0.4},
    "calibration": {"brant": {"method": "isotonic"}, "gad|wal": {"method": "platt"}},
    "calibration_source": {
        "kind": "out_of_fold",
        "rule": "precision 0.9",
        "n_rows": 70,
        "n_groups": 9,
    },
    "classes": [
        {
            "species_code": "brant",
            "n_positive": 60,
            "threshold": 0.4,
            "precision": 0.91,
            "recall": 0.5,
            "crossed_precision": 0.88,
            "crossed_recall": 0.45,
        },
        {"species_code": "gad|wal", "n_positive": 0, "threshold": None},
    ],
    "crossed": {"detections": 30, "precision": 0.88, "recall": 0.45},
    "reliability": {"before": {"error": 0.07}, "after": {"error": 0.02}},
}


def sources(**changes: Any) -> CardSources:
    plain = CardSources(
        INFO,
        {"target": TARGET},
        0,
        "resnet18",
        "none",
        METRICS,
        PER_CLASS,
        level=0.95,
        confusions=CONFUSIONS,
        decided=DECIDED,
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
        "* **no derivatives** (1 recording): adaptations of the recordings may not be shared.",
        "| brant | Branta bernicla | Brant | 11 | 7 | 0.625 | 0.500 to 0.750 |",
        "| gad\\|wal |  |  | 1 | 0 | undefined |  |",
        "With fewer than 10 training recordings: gad|wal (1).",
        "Learned from 70 out-of-fold clips in 9 groups.",
        "| brant | 60 | 0.400 | 0.910 | 0.500 | 0.880, 0.450 |",
        "* torch 2.6",
    ],
)
def test_the_card_says(line: str) -> None:
    assert line in render(sources()).splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "| cmAP | 0.500 | 0.250 to 0.750 | 0.375 | average precision of each class",
        "| Accuracy | 0.125 |  | undefined | share of clips",
        "| Pooled PR-AUC | undefined |  | undefined | area under",
    ],
)
def test_a_metric_has_its_interval_and_what_it_is(line: str) -> None:
    assert line in render(sources())


def test_thresholds_say_what_they_give_on_clips_that_did_not_choose_them() -> None:
    text = " ".join(render(sources()).split())
    assert "**Thresholds** of precision 0.9, for 1 of 2 classes" in text
    assert "(3 parts), 30 detections have precision 0.880 and recall 0.450." in text
    assert "isotonic for 1 class, Platt for 1" in text
    assert "scores is 0.070; of calibrated ones, on clips that had no part in it, 0.020" in text


def test_a_bundle_without_thresholds_says_so() -> None:
    text = " ".join(render(sources(decided=None)).split())
    assert "the scan's own threshold counts for all classes" in text
    assert "Choose thresholds on annotated recordings of your own" in text
    none = DECIDED | {"classes": [DECIDED["classes"][1]], "crossed": None}
    none |= {"reliability": {"before": {"error": 0.07}, "after": None}}
    text = " ".join(render(sources(decided=none)).split())
    assert "**Thresholds**: none. Every class has fewer than 10 clips" in text
    assert "of calibrated ones" not in text


@pytest.mark.parametrize(
    ("crossed", "words"),
    [
        ({"detections": 0, "precision": None, "recall": 0.0}, "they give no detection"),
        (None, "They could not be tried on clips"),
    ],
)
def test_thresholds_that_were_not_tried_are_not_said_to_hold(crossed: Any, words: str) -> None:
    assert words in " ".join(render(sources(decided=DECIDED | {"crossed": crossed})).split())


def test_other_thresholds_take_their_place_in_the_card_and_nothing_else_changes() -> None:
    card = render(sources())
    soundscapes = {"kind": "soundscapes", "where": "heard | x.csv", "rule": "best F1"}
    other = DECIDED | {"calibration_source": soundscapes | {"n_rows": 36, "n_groups": 3}}
    renewed = renew_promises(card, other)
    assert "Learned from 36 windows of 3 annotated recordings (heard \\| x.csv)." in renewed
    assert "out-of-fold clips" not in renewed
    assert "| class | windows | threshold |" in renewed
    assert renew_promises(renewed, DECIDED) == card


def test_a_card_from_before_gets_the_section_at_its_end() -> None:
    renewed = renew_promises("# an old card\n", DECIDED)
    assert renewed.startswith("# an old card\n\n## Thresholds and calibration\n\nLearned from 70")


def test_weak_classes_are_named_with_what_they_are_taken_for() -> None:
    weak = PER_CLASS.with_columns(average_precision=pl.Series([0.25, None]))
    text = render(sources(per_class=weak))
    assert (
        "* Brant: 0.250 (0.500 to 0.750), 7 clips; most often taken for gad|wal (3)"
        in text.splitlines()
    )
    assert "below 0.5" not in render(sources())


def test_a_card_of_a_model_without_weak_classes_says_so() -> None:
    known = PER_CLASS.head(1)
    info = INFO.model_copy(update={"species": INFO.species[:1]})
    assert "None is known: every class was validated" in render(sources(info=info, per_class=known))


def test_the_example_of_the_card_runs_with_the_recogniser_s_own_arguments() -> None:
    text = render(sources())
    code = text[text.index("```python") :].split("```")[1].removeprefix("python")
    asked = []

    class Recogniser:
        def scan(self, path: str, config: oscine.ScoringConfig | None = None) -> None:
            asked.append((path, config))

    assert list(inspect.signature(oscine.Recogniser.scan).parameters) == ["self", "path", "config"]
    stand_in = SimpleNamespace(load=lambda path: Recogniser(), ScoringConfig=oscine.ScoringConfig)
    exec(code.replace("import oscine\n", ""), {"oscine": stand_in})
    assert [path for path, _ in asked] == ["recording.ogg"] * 2
    assert asked[1][1].threshold == 0.8


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
    assert "**share alike** (1 recording)" in text
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
    assert "| brant | Branta bernicla | Brant | 11 | 0 | undefined |  |" in text


def test_every_condition_has_words() -> None:
    tokens = ["cc-by-nc-nd", "cc-by-sa", "cc0", "public domain", "all rights reserved", None]
    table = recordings([{"license": text} for text in tokens])
    text = render(sources(parts={"target": table}))
    assert [name for name, _ in CONDITIONS.values() if f"**{name}**" not in text] == []
