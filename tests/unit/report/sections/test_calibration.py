from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oscine.report import Run
from oscine.report.blocks import DASH
from oscine.report.sections.calibration import blocks, calibration, sentences


def found_in(finished: Run) -> dict[str, Any]:
    found = finished.json("evaluate/calibration.json")
    assert isinstance(found, dict)
    return json.loads(json.dumps(found))


def test_what_was_decided_is_said_with_its_rows_its_rule_and_its_minimum(finished: Run) -> None:
    text = calibration(finished).text
    assert text[0].startswith("From 192 clips in 192 groups: thresholds of precision 0.5 for ")
    assert "fewer than 4 positives" in text[0]
    assert "Tried on rows that had no part in choosing them (5 parts" in text[1]
    assert "from 5 positives on" in text[2]
    assert "Expected calibration error, crossed as above" in text[2]


def test_the_figure_shows_the_bins_and_a_table_has_their_counts(finished: Run) -> None:
    found = found_in(finished)
    plot, bins, _ = calibration(finished).blocks
    assert plot.draw.args[0] == found["reliability"]
    n = [int(row[3].replace(",", "")) for row in bins.rows]
    assert sum(n) == 2 * 192 * 14


def test_each_class_has_its_threshold_here_and_elsewhere(finished: Run) -> None:
    table = calibration(finished).blocks[2]
    assert len(table.rows) == 14
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert {row[2] for row in table.rows} <= {"isotonic", "platt", "common"}


def test_a_run_without_decisions_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    assert calibration(Run(tmp_path)).absent


def test_a_single_group_is_not_said_to_be_tried_elsewhere(finished: Run) -> None:
    found = found_in(finished)
    found["crossed"] = None
    found["reliability"]["after"] = None
    for row in found["classes"]:
        row["crossed_precision"] = row["crossed_recall"] = None
    text = sentences(found, "clip")
    assert "nothing could be tried" in text[1]
    assert text[2].endswith(f"scores: {found['reliability']['before']['error']:.3f}.")
    assert all(row[-1] == DASH for row in blocks(found, {}, "x")[2].rows)


def test_thresholds_that_nothing_reaches_elsewhere_are_said_to_give_no_detection(
    finished: Run,
) -> None:
    found = found_in(finished)
    found["crossed"] = {"detections": 0, "precision": None, "recall": None}
    assert sentences(found, "clip")[1].endswith("no threshold gives a detection.")


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_methods_are_counted(finished: Run, method: str) -> None:
    found = found_in(finished)
    numbers = {"method": method, "n_positive": 50, "n_negative": 50}
    found["calibration"] = {"sp00": numbers}
    expected = "isotonic for 1 class" if method == "isotonic" else "Platt for 1 "
    assert expected in sentences(found, "clip")[2]
