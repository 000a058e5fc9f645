from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from oscine.pipeline.scan_classes import CLASSES
from oscine.report.sections import soundscapes


def told(**values: Any) -> dict[str, Any]:
    return {
        "settings": {
            "min_overlap_s": 0.0,
            "spans": "recording",
            "unannotated": "leave_out",
            "bootstrap": {"n": 100, "level": 0.95},
        },
        "n_windows": 40,
        "n_recordings": 4,
        "n_positive": 13,
        "n_classes": 3,
        "n_windows_left_out": 5,
        "metrics": {"cmap": {"value": 0.5, "low": 0.4, "high": 0.6}},
        "gap": None,
        "not_scored": {"brant": "nobody heard it in these recordings"},
        "unknown_labels": {"SP": 12, "CRER": 4},
        "unannotated": ["a.wav"],
        "not_scanned": [],
        **values,
    }


def classes(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [dict.fromkeys(CLASSES) | {"common_name": ""} | row for row in rows], schema=dict(CLASSES)
    )


WREN = {"species_code": "eurwre1", "n_positive": 10, "n_recordings": 3, "average_precision": 0.5}
ROBIN = {"species_code": "eurrob1", "n_positive": 3, "n_recordings": 1, "average_precision": 0.7}
BRANT = {"species_code": "brant", "n_positive": 0, "n_recordings": 0}


def test_what_counted_as_the_truth_is_said() -> None:
    assert soundscapes.truth_sentence(told()) == (
        "40 windows of 4 recordings, 13 positives. A window is positive for a class if it shares "
        "any part of it with an annotation of it; whole recordings count as listened to; "
        "recordings without annotations are left out."
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"min_overlap_s": 1.5}, "at least 1.5 s of it, or the whole"),
        ({"spans": "rows"}, "only windows that some row is about"),
        ({"unannotated": "negative"}, "taken to hold none of the classes"),
    ],
)
def test_other_settings_are_said_too(setting: dict[str, Any], words: str) -> None:
    asked = told()
    assert words in soundscapes.truth_sentence(asked | {"settings": asked["settings"] | setting})


def test_the_metrics_stand_with_their_intervals() -> None:
    rows = soundscapes.result(told()).blocks[0].rows
    assert next(row for row in rows if row[0] == "cmAP")[1].minor == "0.40 to 0.60"


def test_without_a_bundle_there_is_no_gap() -> None:
    assert soundscapes.gap(told()).absent


def test_a_bundle_that_does_not_tell_its_classes_is_said_not_to() -> None:
    old = {"focal_metrics": {}, "focal_classes": 0, "same_classes": {}}
    section = soundscapes.gap(told(gap=old))
    assert "does not say how each class fared" in section.text[0]
    assert section.blocks == []
    other = soundscapes.gap(told(gap=old | {"focal_classes": 3}))
    assert "no class that both score" in other.text[0]


def test_the_gap_is_stated_with_what_it_is_not() -> None:
    auc = {"n_classes": 3, "focal": 0.9, "soundscape": 0.7, "gap": -0.2}
    section = soundscapes.gap(told(gap={"focal_classes": 3, "same_classes": {"roc_auc": auc}}))
    assert "On the 3 classes that both score" in section.text[0]
    assert (
        "0.900 on the run's out-of-fold clips and 0.700 here: \N{MINUS SIGN}0.200"
        in section.text[0]
    )
    assert "how common a class is" in section.text[1]
    assert section.blocks[0].rows == [["Macro ROC-AUC", "0.900", "0.700", "\N{MINUS SIGN}0.200"]]


def test_curves_are_of_the_classes_with_the_most_windows() -> None:
    table = pl.DataFrame(
        {
            "species_code": ["eurrob1", "eurwre1"],
            "recall": [1.0, 1.0],
            "precision": [0.2, 0.3],
            "precision_low": [0.1, 0.1],
            "precision_high": [0.5, 0.5],
        }
    )
    section = soundscapes.curves(classes(ROBIN, WREN, BRANT), table, told())
    shown = section.blocks[0].draw.args[0]
    assert shown["name"].to_list() == ["eurwre1 (10)", "eurrob1 (3)"]
    assert shown["share"].to_list() == pytest.approx([10 / 40, 3 / 40])
    assert soundscapes.curves(classes(BRANT), table, told()).absent


def test_every_class_is_listed_the_best_first_and_unscored_ones_last() -> None:
    plot, table = soundscapes.by_class(classes(BRANT, WREN, ROBIN)).blocks
    assert [row[0].minor for row in table.rows] == ["eurrob1", "eurwre1", "brant"]
    assert plot.draw.args[0]["species_code"].to_list() == ["eurrob1", "eurwre1"]
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_what_took_no_part_is_named_and_empty_tables_are_not_shown() -> None:
    section = soundscapes.left_out(told())
    assert section.text == [
        "1 class could not be scored; 2 labels of 16 annotations without a class; 1 scanned "
        "recording without annotations; 0 annotated recordings not scanned; 5 scanned windows "
        "left out."
    ]
    assert [table.rows[0][0] for table in section.blocks] == ["brant", "SP", "a.wav"]
