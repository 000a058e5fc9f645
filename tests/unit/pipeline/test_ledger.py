"""Reading a built catalog back."""

from __future__ import annotations

import os

import polars as pl
import pytest

from oscine.catalog import MATCHES, PARTS, account
from oscine.core import ConfigError
from oscine.pipeline import newest_run, read_ledger


def test_a_run_gives_its_tables_back(tiny_run):
    ledger = read_ledger(tiny_run.path)
    assert ledger.roles == {"year_a": "pretrain", "year_b": "target"}
    assert ledger.audited
    for part in PARTS:
        assert ledger.final[part].equals(tiny_run.table(f"audit/{part}.parquet"))
        assert ledger.folds[part].equals(tiny_run.table(f"folds/{part}.parquet"))
        assert len(ledger.merged[part]) >= len(ledger.final[part])
    for stage in ("catalog", "audit"):
        left = tiny_run.table(f"{stage}/departures.parquet")
        assert ledger.departures.filter(stage=stage).drop("stage").equals(left)
    assert ledger.fold_configs["target"].n_folds == 2


def test_the_account_of_a_run_ends_with_the_rows_that_training_starts_from(tiny_run):
    told = account(read_ledger(tiny_run.path))
    for part in PARTS:
        steps = told["waterfall"][part]
        n_final = len(tiny_run.table(f"audit/{part}.parquet"))
        assert steps[-1]["rows"] == told["final"][part]["rows"] == n_final
        assert steps[0]["rows"] - sum(step["removed"] for step in steps) == n_final
        assert sum(told["departures"][part].values()) == steps[0]["rows"] - n_final


def test_the_newest_run_is_the_one_that_was_worked_on_last(tmp_path):
    for place, name in enumerate(("b", "a", "unfinished")):
        (tmp_path / name / "folds").mkdir(parents=True)
        (tmp_path / name / "run.json").write_text("{}")
        os.utime(tmp_path / name / "run.json", (1000 + place, 1000 + place))
    for name in ("a", "b"):
        (tmp_path / name / "folds" / "classes.json").write_text("{}")
    assert newest_run(tmp_path) == tmp_path / "a"


def test_without_a_built_catalog_the_error_says_what_builds_one(tmp_path):
    with pytest.raises(ConfigError, match="oscine catalog build"):
        newest_run(tmp_path / "runs")
    with pytest.raises(ConfigError, match="oscine catalog build"):
        read_ledger(tmp_path)


def test_pairs_that_share_audio_are_read_where_they_were_looked_for(tiny_run, tmp_path):
    assert read_ledger(tiny_run.path).matches.is_empty()
    copy = tiny_run.copied(tmp_path / "run")
    row = ("a", "b", 1.0, 2.0, 0.5, 0.25, 0.9, 0.8)
    table = pl.DataFrame([row], list(MATCHES), orient="row")
    table.write_parquet(copy.path / "audit/matches.parquet")
    assert read_ledger(copy.path).matches.row(0) == row
