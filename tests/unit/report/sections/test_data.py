from __future__ import annotations

import pytest

from oscine.report import Run
from oscine.report.blocks import Cell, Table
from oscine.report.sections import data
from unit.report.run_folder import put_json, write_run


def tables(section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def test_the_waterfall_runs_through_catalog_and_audit(finished):
    rows = tables(data.waterfall(finished))[0].rows
    assert [row[1] for row in rows if row[0] == "Pretraining catalog"] == [
        "concatenate",
        "duplicates",
        "license",
        "target overlap",
        "audit",
    ]


def test_steps_that_took_nothing_are_in_the_table_only(finished):
    drawn = data.waterfall(finished).blocks[0].draw.args[0]
    assert [step["step"] for step in drawn["pretrain"]] == [
        "concatenate",
        "duplicates",
        "target_overlap",
        "audit",
    ]
    assert [step["step"] for step in drawn["target"]] == ["concatenate", "audit"]


def test_a_part_that_lost_nothing_at_the_end_closes_with_what_is_left():
    steps = [{"step": "read", "rows": 9, "removed": 0}]
    steps += [{"step": "merge", "rows": 7, "removed": 2}, {"step": "x", "rows": 7, "removed": 0}]
    assert [step["step"] for step in data._telling(steps)] == ["read", "merge", "final"]
    assert data._telling(steps[:1]) == steps[:1]


def test_departures_are_counted_by_reason(finished):
    rows = tables(data.waterfall(finished))[1].rows
    assert ["duplicates", "duplicate key", "10"] in [list(row) for row in rows]


@pytest.mark.parametrize(
    ("leaks", "sentence"), [(0, "Nothing stands on both"), (2, "2 groups on both sides")]
)
def test_leaks_are_said_first(tmp_path, leaks, sentence):
    run = write_run(tmp_path / "run")
    audit = {"target": {"recordist": {"groups": 5, "rows": 9, "leaks": leaks}}, "pretrain": None}
    put_json(run / "folds/leaks.json", audit)
    assert data.folds(Run(run)).text[0].startswith(sentence)


def test_a_key_that_no_row_states_is_called_unseen(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    keys = {"recording": {"groups": 0, "rows": 9, "leaks": 0}}
    keys["recordist"] = {"groups": 0, "rows": 0, "leaks": 0}
    put_json(run / "folds/leaks.json", {"pretrain": None, "target": keys})
    first, second = data.folds(Run(run)).text
    assert first.endswith("looked at: recording.")
    assert second == "Not looked at: no row of the target catalog states its recordist."


def counts(rows: int, share: float) -> dict[str, float]:
    return {"groups": 2, "rows": rows, "share": share}


def test_what_pretraining_has_heard_of_a_fold_is_tabled_and_said(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    keys = {"recordist": {"groups": 5, "rows": 9, "leaks": 0}}
    across = {"0": {"recordist": counts(3, 0.25)}, "1": {"recordist": counts(5, 0.5)}}
    put_json(run / "folds/leaks.json", {"pretrain": keys, "target": keys, "across": across})
    section = data.folds(Run(run))
    assert "recordists of 25% to 50% of the rows" in section.text[1]
    assert tables(section)[1].columns == ["fold", "same recordist"]
    assert tables(section)[1].rows[1] == ["1", Cell("5", "50% of the fold, 2 groups")]


def test_classes_validated_without_training_are_named(tmp_path):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan"])
    keys = {"recordist": {"groups": 5, "rows": 9, "leaks": 0}}
    unseen = {"pretrain": {}, "target": {"2": ["brant", "gadwal"]}}
    put_json(run / "folds/leaks.json", {"pretrain": None, "target": keys, "unseen": unseen})
    assert "Fold 2 of the target catalog validates brant, gadwal" in data.folds(Run(run)).text[1]


def test_rows_of_each_catalog_are_drawn(finished):
    assert [block.name for block in data.catalogs(finished).blocks] == ["catalogs"]
