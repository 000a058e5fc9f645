from __future__ import annotations

import polars as pl
import pytest
import soundfile

from oscine.core import CatalogError
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.expectation import files, with_lengths


def unopened(run, path=None, *overrides):
    return RunFolder(path or run.path, run.recipe(*overrides))


def test_a_finished_runs_tables_are_what_its_fits_heard(tiny_run, expected_of):
    expected = expected_of(unopened(tiny_run))
    assert expected.origin == "folds"
    for part in ("pretrain", "target"):
        assert expected.parts[part].equals(tiny_run.table(f"audit/{part}.parquet"))
        assert expected.folds[part].equals(tiny_run.table(f"folds/{part}.parquet"))
        assert expected.lengths[part].relative_error == 0.0


def test_without_a_run_the_tables_are_merged_in_memory(tiny_run, expected_of, tmp_path):
    expected = expected_of(unopened(tiny_run, tmp_path / "absent"))
    assert expected.origin == "tables"
    assert not (tmp_path / "absent").exists()
    merged = tiny_run.table("catalog/target.parquet")
    assert expected.parts["target"]["recording_id"].equals(merged["recording_id"])
    assert expected.reading_s > 0
    assert expected.folding_s > 0


def test_lengths_of_headers_are_those_of_the_audit(tiny_run, expected_of, tmp_path):
    told = expected_of(unopened(tiny_run, tmp_path / "absent"))
    known = expected_of(unopened(tiny_run))
    lengths = told.parts["target"].join(known.parts["target"], on="recording_id", how="inner")
    assert len(lengths)
    # The header of an ogg file tells its length to the sample.
    assert (lengths["duration_s"] - lengths["duration_s_right"]).abs().max() < 1e-3


def test_an_audit_without_folds_gives_the_folds_that_a_run_would_make(tiny_run, expected_of):
    folder = unopened(tiny_run, None, "target_folds.n_folds=3")
    expected = expected_of(folder)
    assert expected.origin == "audit"
    assert expected.folds["target"]["fold"].max() == 2


def test_catalogs_that_cannot_be_read_are_an_error(tiny_run, expected_of, tmp_path):
    with pytest.raises(CatalogError, match="no such table"):
        expected_of(unopened(tiny_run, tmp_path / "absent", f"catalogs.0.path={tmp_path}"))


@pytest.fixture
def wavs(tmp_path):
    def write(n):
        for number in range(n):
            soundfile.write(tmp_path / f"{number}.wav", [0.0] * 800 * (1 + number % 3), 8000)
        paths = [str(tmp_path / f"{number}.wav") for number in range(n)]
        return pl.DataFrame({"filepath": paths}).with_columns(
            duration_s=pl.lit(None, dtype=pl.Float64), content_hash=pl.lit(None, dtype=pl.String)
        )

    return write


def test_lengths_of_files_that_were_not_looked_at_are_those_of_others(wavs, monkeypatch):
    monkeypatch.setattr("oscine.pipeline.forecast.expectation.MOST_HEADERS", 30)
    table, lengths = with_lengths(wavs(120), workers=2)
    assert (lengths.n_files, lengths.n_read, lengths.n_looked_at) == (120, 30, 30)
    assert table["duration_s"].null_count() == 0
    true_s = 120 * 0.2
    # Four standard errors: one chance in ten thousand, and the seed is fixed.
    assert abs(table["duration_s"].sum() - true_s) < 4 * lengths.relative_error * true_s
    assert 0 < lengths.relative_error < 0.2


def test_missing_files_are_counted(wavs, tmp_path):
    table = wavs(4)
    (tmp_path / "2.wav").unlink()
    filled, lengths = with_lengths(table, workers=2)
    assert (lengths.n_missing, lengths.n_read) == (1, 3)
    assert filled["duration_s"].null_count() == 0


def test_where_no_file_is_there_no_length_is_known(wavs, tmp_path):
    table = wavs(2)
    for path in table["filepath"]:
        (tmp_path / path).unlink()
    filled, lengths = with_lengths(table, workers=2)
    assert not lengths.known
    assert filled["duration_s"].null_count() == 2


def test_remote_files_are_not_fetched_for_their_length(monkeypatch):
    monkeypatch.setattr("oscine.pipeline.forecast.expectation.probe", pytest.fail)
    table = pl.DataFrame({"filepath": ["gs://bucket/a.ogg"], "duration_s": [None]})
    assert not with_lengths(table.cast({"duration_s": pl.Float64}), workers=1)[1].known


def test_a_file_is_counted_once_by_its_content():
    table = pl.DataFrame({"filepath": ["a", "b", "c", "c"], "content_hash": ["x", "x", None, None]})
    assert files(table)["filepath"].to_list() == ["a", "c"]
