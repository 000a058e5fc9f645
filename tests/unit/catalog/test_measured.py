"""What the audit measured, in the recordings table."""

from __future__ import annotations

import pytest

from oscine.catalog import RECORDINGS, check, heard_s, with_measurements
from unit.catalog.factories import audited, recordings


def test_each_recording_gets_its_own_measurements() -> None:
    table = recordings([{}, {}, {}])
    audit = audited(table, duration_s=[1.0, 2.0, None], content_hash=["x", "y", None])
    filled = with_measurements(table, audit.reverse())
    assert filled["duration_s"].to_list() == [1.0, 2.0, None]
    assert filled["content_hash"].to_list() == ["x", "y", None]
    assert filled["sample_rate"].to_list() == [32_000] * 3
    check(filled, RECORDINGS)


def test_a_later_audit_replaces_what_an_earlier_one_said() -> None:
    table = recordings([{"duration_s": 1.0, "content_hash": "old"}])
    filled = with_measurements(table, audited(table, duration_s=2.0, content_hash=["new"]))
    assert filled.row(0, named=True)["content_hash"] == "new"
    assert with_measurements(table, audited(table).clear())["duration_s"].to_list() == [None]


@pytest.mark.parametrize(
    ("row", "seconds"),
    [
        ({"duration_s": 10.0}, 10.0),
        ({"duration_s": 10.0, "start_s": 4.0}, 6.0),
        ({"duration_s": 10.0, "start_s": 4.0, "end_s": 6.0}, 2.0),
        ({"duration_s": 10.0, "start_s": 4.0, "end_s": 60.0}, 6.0),
        ({"duration_s": 1.0, "start_s": 4.0, "end_s": 6.0}, 0.0),
        ({}, None),
    ],
)
def test_a_clip_is_as_long_as_its_part_of_the_file(
    row: dict[str, float], seconds: float | None
) -> None:
    assert recordings([row]).select(heard_s())["heard_s"].to_list() == [seconds]
