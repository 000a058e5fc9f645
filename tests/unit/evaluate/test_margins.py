from __future__ import annotations

import numpy as np
import polars as pl

from oscine.evaluate import rank_by_margin

CODES = ("a", "b", "c")


def ranked(*rows: tuple[str, str, list[float], list[str]]) -> pl.DataFrame:
    table = pl.DataFrame(
        [(name, label, secondary) for name, label, _, secondary in rows],
        schema={
            "recording_id": pl.String,
            "primary_label": pl.String,
            "secondary_labels": pl.List(pl.String),
        },
        orient="row",
    )
    scores = np.array([scores for _, _, scores, _ in rows]).reshape(-1, len(CODES))
    return rank_by_margin(table, scores, CODES)


def test_the_worst_comes_first_with_what_it_was_taken_for():
    found = ranked(("x", "a", [0.9, 0.1, 0.0], []), ("y", "b", [0.1, 0.2, 0.7], []))
    assert found.select("recording_id", "predicted", "right", "wrong").rows() == [
        ("y", "c", 0.2, 0.7),
        ("x", "b", 0.9, 0.1),
    ]


def test_a_voice_in_the_background_is_no_mistake():
    found = ranked(("x", "a", [0.3, 0.6, 0.1], ["b", "unknown"]))
    assert found.select("predicted", "wrong").row(0) == ("c", 0.1)


def test_equal_margins_stand_in_the_order_of_their_names():
    found = ranked(("y", "a", [0.5, 0.5, 0.0], []), ("x", "b", [0.25, 0.25, 0.0], []))
    assert found["recording_id"].to_list() == ["x", "y"]


def test_a_clip_with_every_class_in_it_has_no_wrong_score():
    assert ranked(("x", "a", [0.3, 0.6, 0.1], ["b", "c"])).is_empty()


def test_no_rows_give_no_rows():
    assert ranked().columns[-3:] == ["right", "wrong", "predicted"]
