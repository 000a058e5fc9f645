"""Clips of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.catalog import (
    FINDINGS,
    SourceConfig,
    check,
    drop_empty_clips,
    hear_around,
    hear_overlapping,
    judge_clips,
)
from oscine.catalog.clips import archive_or_own_id, place_clips
from oscine.core import SourceError
from unit.catalog.factories import audited, recordings, shuffled


def clips(*rows: tuple[str, float | None, float | None], file: str = "a.wav") -> pl.DataFrame:
    return recordings(
        {"primary_label": label, "start_s": start, "end_s": end, "filepath": file}
        for label, start, end in rows
    )


def secondary(table: pl.DataFrame) -> list[list[str]]:
    return table["secondary_labels"].to_list()


def test_what_calls_during_a_clip_is_its_secondary_label() -> None:
    table = hear_overlapping(clips(("a", 0.0, 5.0), ("b", 4.0, 6.0), ("c", 9.0, 10.0)))
    assert secondary(table) == [["b"], ["a"], []]


def test_clips_that_only_touch_do_not_overlap() -> None:
    assert secondary(hear_overlapping(clips(("a", 0.0, 5.0), ("b", 5.0, 6.0)))) == [[], []]


def test_another_clip_of_the_same_label_is_no_secondary_label() -> None:
    assert secondary(hear_overlapping(clips(("a", 0.0, 5.0), ("a", 1.0, 2.0)))) == [[], []]


def test_clips_of_other_files_and_whole_recordings_are_not_heard() -> None:
    table = pl.concat(
        [clips(("a", 0.0, 5.0)), clips(("b", 0.0, 5.0), file="b.wav"), clips(("c", None, None))]
    ).with_columns(recording_id=pl.Series(["1", "2", "3"]))
    assert secondary(hear_overlapping(table)) == [[], [], []]


def test_stated_secondary_labels_stay_first() -> None:
    table = clips(("a", 0.0, 5.0), ("b", 1.0, 2.0))
    table = table.with_columns(secondary_labels=pl.Series([["z", "b"], []]))
    assert secondary(hear_overlapping(table)) == [["z", "b"], ["a"]]


def test_a_clip_without_end_goes_to_the_end_of_its_recording() -> None:
    table = hear_overlapping(clips(("a", 3.0, None), ("b", 100.0, 101.0), ("c", None, 2.0)))
    assert secondary(table) == [["b"], ["a"], []]


ANY_CLIP = st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.integers(0, 5))


@given(st.lists(ANY_CLIP, max_size=12), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_voices_are_those_of_the_slow_way_in_any_order(
    drawn: list[tuple[str, int, int]], seed: int
) -> None:
    table = clips(*[(label, float(start), float(start + n)) for label, start, n in drawn])
    heard = dict(
        hear_overlapping(shuffled(table, seed)).select("recording_id", "secondary_labels").rows()
    )
    for one in table.iter_rows(named=True):
        slow = {
            other["primary_label"]
            for other in table.iter_rows(named=True)
            if other["start_s"] < one["end_s"] and other["end_s"] > one["start_s"]
        }
        assert heard[one["recording_id"]] == sorted(slow - {one["primary_label"]})


def test_a_short_clip_hears_what_may_get_into_its_window() -> None:
    table = clips(("a", 20.0, 22.0), ("b", 11.0, 12.5), ("c", 29.5, 31.0), ("d", 30.0, 31.0))
    assert secondary(hear_around(table, 10.0))[0] == ["b", "c"]


def test_a_clip_as_long_as_the_window_hears_itself_alone() -> None:
    table = clips(("a", 20.0, 30.0), ("b", 19.0, 20.0), ("c", 29.0, 29.5))
    assert secondary(hear_around(table, 10.0))[0] == ["c"]


@pytest.mark.parametrize(("start_s", "end_s"), [(5.0, 5.0), (5.0, 4.0), (None, 0.0)])
def test_a_clip_without_length_leaves_and_says_its_bounds(
    start_s: float | None, end_s: float
) -> None:
    outcome = drop_empty_clips(clips(("a", start_s, end_s), ("b", 0.0, 1.0), ("c", None, None)))
    assert outcome.kept["primary_label"].to_list() == ["b", "c"]
    (gone,) = outcome.departures.select("reason", "detail").rows()
    assert gone == ("empty_clip", f"from {start_s or 0.0} s to {end_s} s")


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0.0, 20.0, []),
        (15.0, 20.05, []),  # rounding
        (15.0, 21.0, [("clip_cut", False)]),
        (20.0, 25.0, [("clip_beyond_end", True)]),
        (30.0, None, [("clip_beyond_end", True)]),
        (5.0, 5.5, [("short", False)]),
        (None, None, []),
    ],
)
def test_clips_are_judged_by_the_length_of_their_file(
    start_s: float | None, end_s: float | None, expected: list[tuple[str, bool]]
) -> None:
    table = clips(("a", start_s, end_s))
    findings = judge_clips(table, audited(table), shortest_s=2.0)
    check(findings, FINDINGS)
    assert findings.select("reason", "quarantined").rows() == expected


def test_clips_of_a_file_that_cannot_be_decoded_are_judged_with_it() -> None:
    table = clips(("a", 30.0, 35.0))
    assert judge_clips(table, audited(table, reason="unreadable"), 2.0).is_empty()


@pytest.mark.parametrize(
    ("relative", "expected"),
    [
        ("x/XC12345.wav", "XC12345"),
        ("XC12345 - Bird - Avis avis.mp3", "XC12345"),
        ("site.3/20190501_050000.WAV", "mine/site.3/20190501_050000"),
    ],
)
def test_an_archives_id_is_kept_and_another_recording_is_its_path(
    relative: str, expected: str
) -> None:
    table = pl.DataFrame({"relative": [relative]})
    assert table.select(archive_or_own_id("mine")).item() == expected


def rows(*labels: str | None, **columns: Any) -> pl.DataFrame:
    n = len(labels)
    return pl.DataFrame(
        {
            "relative": ["a.wav"] * n,
            "start_s": [1.0] * n,
            "end_s": [2.0] * n,
            "primary_label": list(labels),
            "table": ["t.txt"] * n,
            "line": list(range(2, n + 2)),
        }
        | columns,
        schema_overrides={"primary_label": pl.String},
    )


def placed(table: pl.DataFrame) -> pl.DataFrame:
    config = SourceConfig(name="mine", path=Path("nowhere"), audio_required=False)
    return place_clips(table, config, Path("nowhere"))


def test_an_annotation_that_is_there_twice_is_one() -> None:
    times = [1.0000000001, 1.0]
    assert len(placed(rows("a", "a", start_s=times))) == 1


def test_two_labels_of_one_stretch_are_two_clips_that_hear_each_other() -> None:
    table = placed(rows("b", "a"))
    assert table["primary_label"].to_list() == ["a", "b"]
    assert secondary(table) == [["b"], ["a"]]
    assert table["recording_id"].to_list() == ["mine/a.wav#1.0-2.0", "mine/a.wav#1.0-2.0#2"]


def test_annotations_without_label_are_counted_and_the_first_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert len(placed(rows("a", None, None))) == 1
    assert "2 of 3 annotations have no label, left out; the first in t.txt, line 3" in caplog.text


def test_annotations_none_of_which_has_a_label_are_an_error() -> None:
    with pytest.raises(SourceError, match="no annotation has a label"):
        placed(rows(None))
