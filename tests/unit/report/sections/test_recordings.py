from __future__ import annotations

import polars as pl
import pytest

from oscine.report import Run
from oscine.report.sections import recordings
from unit.report.run_folder import put_table, write_run


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"]))


def drawn(section) -> dict:
    return section.blocks[0].draw.args[0]


def test_durations_are_summed_and_the_unknown_counted(finished):
    text = recordings.durations(finished).text
    n = finished.recordings("target").height
    minutes, rest = divmod(3 * n, 60)
    assert text[0] == (
        f"Target catalog: {minutes} min {rest} s in {n} recordings, median 3.0 s, longest 3.0 s."
    )
    unknown = finished.recordings("pretrain").height
    assert text[1] == f"The duration of {unknown} recordings is not known."


def test_sample_rates_are_named_in_kilohertz(run):
    path = "audit/audit.parquet"
    rate = pl.when(pl.int_range(pl.len()) == 0).then(44_100).otherwise(16_000)
    put_table(run.path / path, run.table(path).with_columns(sample_rate=rate.cast(pl.Int64)))
    section = recordings.rates(run)
    assert list(drawn(section)["Target catalog"]) == ["44.1 kHz", "16 kHz"]
    assert section.text[0] == "All are resampled to 16 kHz when they are read."
    assert "with 1 channel" in section.text[1]


@pytest.mark.parametrize("make", [recordings.durations, recordings.rates])
def test_without_audio_nothing_is_known_of_the_files(run, make):
    path = "audit/audit.parquet"
    blank = [
        pl.lit(None).cast(dtype).alias(name)
        for name, dtype in {"duration_s": pl.Float64, "sample_rate": pl.Int64}.items()
    ]
    put_table(run.path / path, run.table(path).with_columns(blank))
    assert make(run).absent == recordings.NOT_AUDITED


def test_ratings_stand_from_the_best_to_the_unrated(finished):
    assert list(drawn(recordings.ratings(finished))["Target catalog"]) == ["5", "4", "3", "unrated"]


def test_catalogs_without_ratings_say_so(run):
    for part in ("pretrain", "target"):
        path = f"audit/{part}.parquet"
        put_table(run.path / path, run.table(path).with_columns(rating=pl.lit(None, pl.Float64)))
    assert recordings.ratings(run).absent == "No recording is rated."


def test_kinds_are_folded_to_lower_case_and_empty_ones_left_out(finished):
    counts = drawn(recordings.types(finished))["Target catalog"]
    assert set(counts) == {"song", "male", "call"}


def test_bars_of_both_parts_add_up_to_every_recording(finished):
    counts = drawn(recordings.ratings(finished))
    total = sum(sum(rows.values()) for rows in counts.values())
    assert total == finished.all_recordings().height
