from __future__ import annotations

import polars as pl

from oscine.report import Run
from oscine.report.blocks import Plot, Table
from oscine.report.sections import classes
from unit.report.run_folder import write_run


def tables(section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def test_every_step_of_both_parts_is_in_the_table(finished):
    section = classes.classes(finished)
    assert isinstance(section.blocks[0], Plot)
    rows = tables(section)[0].rows
    assert [(row[0].minor, row[0].main) for row in rows[:2]] == [
        ("Pretraining catalog", "as read"),
        ("Pretraining catalog", "after the merge"),
    ]
    assert [row[1] for row in rows if row[0].main == "after the audit"] == ["30", "14"]


def test_steps_that_changed_nothing_are_not_drawn(finished):
    drawn = classes.classes(finished).blocks[0].draw.args[0]
    assert [step.kind for step in drawn["target"]] == ["read", "training", "upsample", "draw"]


def test_the_imbalance_is_said_as_read_and_as_trained(finished):
    assert classes.classes(finished).text[0] == (
        "Pretraining catalog, rows of the commonest class to one of the rarest: 38 as read, "
        "4 as training draws them."
    )


def test_without_folds_the_imbalance_ends_with_the_audit(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["folds", "audio", "fits", "scan"]))
    assert classes.classes(run).text[0].endswith("after the audit.")


def test_every_class_is_listed_by_its_name(finished):
    first, second = tables(classes.class_table(finished))
    assert [len(first.rows), len(second.rows)] == [30, 14]
    assert (first.rows[0][0].main, first.rows[0][0].minor) == ("Ashen Reedling", "sp00")
    counts = finished.recordings("pretrain")["primary_label"].value_counts()
    assert first.rows[0][1] == str(counts.filter(pl.col("primary_label") == "sp00")["count"][0])
