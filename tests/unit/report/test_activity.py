from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from oscine.core import ScanError
from oscine.infer.tables import DETECTIONS
from oscine.report import read_activity, write_activity

NAMES = {"wren": "Eurasian Wren", "owl": "Tawny Owl"}
CARD = {
    "card/20240501_043000.WAV": 3600.0,  # 04:30 to 05:30
    "card/20240502_043000.WAV": 1800.0,
    "card/20240502_233000.WAV": 3600.0,  # over midnight
}
HEARD = [
    ("card/20240501_043000.WAV", 0.0, "wren"),
    ("card/20240501_043000.WAV", 1799.0, "wren"),
    ("card/20240501_043000.WAV", 1800.0, "wren"),
    ("card/20240502_043000.WAV", 5.0, "wren"),
    ("card/20240502_233000.WAV", 3000.0, "owl"),
]


def put_scan(folder: Path, lengths: dict[str, float] | None = None) -> Path:
    """A scan's tables: a window of an hour's end a recording, and the detections of `HEARD`."""
    folder.mkdir(parents=True)
    windows = [(path, 0.0, end_s, 0.5, 0.5) for path, end_s in (lengths or CARD).items()]
    columns = ["filepath", "start_s", "end_s", *NAMES]
    pl.DataFrame(windows, schema=columns, orient="row").write_parquet(folder / "scores.parquet")
    rows = [
        {
            "filepath": path,
            "filename": Path(path).name,
            "start_s": start_s,
            "end_s": start_s + 5.0,
            "species_code": code,
            "scientific_name": "",
            "common_name": NAMES[code],
            "score": 0.9,
        }
        for path, start_s, code in HEARD
    ]
    schema = {name: column.dtype for name, column in DETECTIONS.items()}
    pl.DataFrame(rows, schema=schema).write_parquet(folder / "detections.parquet")
    return folder


def rates(table: pl.DataFrame, code: str, unit: str) -> dict[object, tuple[int, float]]:
    rows = table.filter(pl.col("species_code") == code)
    return {row[unit]: (row["detections"], row["recorded_h"]) for row in rows.to_dicts()}


def test_recordings_are_shared_out_to_the_hours_that_they_lie_in(tmp_path: Path) -> None:
    effort = read_activity(put_scan(tmp_path / "scan")).effort
    assert effort.rows() == [
        (date(2024, 5, 1), 4, 0.5),
        (date(2024, 5, 1), 5, 0.5),
        (date(2024, 5, 2), 4, 0.5),
        (date(2024, 5, 2), 23, 0.5),
        (date(2024, 5, 3), 0, 0.5),
    ]


def test_detections_stand_beside_the_hours_recorded_and_zero_is_not_nothing(tmp_path: Path) -> None:
    found = read_activity(put_scan(tmp_path / "scan"))
    wren = rates(found.by("hour"), "wren", "hour")
    assert wren == {0: (0, 0.5), 4: (3, 1.0), 5: (1, 0.5), 23: (0, 0.5)}
    owl = rates(found.by("date"), "owl", "date")
    assert owl == {
        date(2024, 5, 1): (0, 1.0),
        date(2024, 5, 2): (0, 1.0),
        date(2024, 5, 3): (1, 0.5),
    }
    hourly = found.by("hour").filter(species_code="wren", hour=4)
    assert hourly["per_hour"].item() == 3.0


def test_a_clock_set_to_utc_is_read_in_the_zone_asked_for_half_hours_too(tmp_path: Path) -> None:
    found = read_activity(put_scan(tmp_path / "scan"), "Asia/Kolkata")
    assert rates(found.by("hour"), "wren", "hour") == {
        5: (0, 1.0),  # 23:30 UTC is 05:00 in India
        10: (4, 1.5),
    }
    assert found.effort["date"].unique().sort().to_list() == [
        date(2024, 5, 1),
        date(2024, 5, 2),
        date(2024, 5, 3),
    ]


def test_summer_time_begins_within_a_night(tmp_path: Path) -> None:
    scan = put_scan(tmp_path / "scan", {"card/20240331_000000.WAV": 7200.0, **CARD})
    effort = read_activity(scan, "Europe/London").effort.filter(date=date(2024, 3, 31))
    assert effort["hour"].to_list() == [0, 2]


def test_species_are_listed_with_the_hour_in_which_they_were_heard_most(tmp_path: Path) -> None:
    listed = read_activity(put_scan(tmp_path / "scan")).species()
    assert listed.rows() == [("wren", "Eurasian Wren", 4, 2, 4), ("owl", "Tawny Owl", 1, 1, 0)]


def test_recordings_without_a_time_are_named_and_left_out(tmp_path: Path) -> None:
    scan = put_scan(tmp_path / "scan", {"card/dawn.wav": 60.0, **CARD})
    found = read_activity(scan)
    assert found.untimed == ("card/dawn.wav",)
    assert found.effort["recorded_h"].sum() == 2.5


def test_tables_and_a_figure_are_written(tmp_path: Path) -> None:
    found = read_activity(put_scan(tmp_path / "scan"))
    by_date, by_hour, figure = write_activity(found, tmp_path / "out", ["owl"])
    assert pl.read_csv(by_date, try_parse_dates=True)["date"].dtype == pl.Date
    assert pl.read_csv(by_hour).columns == [
        *("species_code", "name", "hour", "detections", "recorded_h", "per_hour"),
    ]
    drawn = figure.read_text(encoding="utf-8")
    assert "Tawny Owl" in drawn
    assert "Eurasian Wren" not in drawn


def test_without_detections_there_are_tables_and_no_figure(tmp_path: Path) -> None:
    scan = put_scan(tmp_path / "scan")
    path = scan / "detections.parquet"
    pl.read_parquet(path).clear().write_parquet(path)
    written = write_activity(read_activity(scan), tmp_path / "out")
    assert [path.name for path in written] == ["by_date.csv", "by_hour.csv"]


@pytest.mark.parametrize(
    ("make", "zone", "said"),
    [
        (lambda folder: folder / "nowhere", None, r"without scores\.parquet"),
        (lambda folder: put_scan(folder / "a", {"dawn.wav": 9.0}), None, "when a recording was"),
        (lambda folder: put_scan(folder / "a"), "Kolkata", "no time zone 'Kolkata'"),
    ],
)
def test_what_cannot_be_told_is_an_error_that_says_what_to_do(tmp_path, make, zone, said) -> None:
    with pytest.raises(ScanError, match=said):
        read_activity(make(tmp_path), zone)


def test_a_species_without_a_detection_is_refused_and_the_others_are_listed(tmp_path: Path) -> None:
    found = read_activity(put_scan(tmp_path / "scan"))
    with pytest.raises(ScanError, match=r"'robin'[\s\S]*wren, owl"):
        write_activity(found, tmp_path / "out", ["robin"])
