from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oscine.catalog import PARTS
from oscine.core import CatalogError, LabelError, SourceError
from oscine.pipeline.stages.catalog import licenses, read_merged


@pytest.fixture(scope="module")
def steps(tiny_run):
    return tiny_run.json("catalog/waterfall.json")["steps"]


@pytest.fixture(scope="module")
def planted(tiny_run):
    return tiny_run.elsewhere(tiny_run.chorus).json("provenance.json")["planted"]


def departed(run, reason):
    return run.table("catalog/departures.parquet").filter(reason=reason)


def recording_id(path):
    return path.replace("/train_audio/", "/")


@pytest.mark.parametrize("part", PARTS)
def test_each_step_of_the_waterfall_starts_where_the_one_before_ended(steps, part):
    own = [step for step in steps if step["part"] == part]
    rows = [step["rows"] for step in own]
    assert rows[1:] == [
        before - step["removed"] for before, step in zip(rows, own[1:], strict=False)
    ]


@pytest.mark.parametrize("part", PARTS)
def test_the_last_step_counts_the_table(tiny_run, steps, part):
    last = [step for step in steps if step["part"] == part][-1]
    assert last["rows"] == len(tiny_run.table(f"catalog/{part}.parquet"))


def test_every_row_that_a_step_removed_says_why(tiny_run, steps):
    departures = tiny_run.table("catalog/departures.parquet")
    assert len(departures) == sum(step["removed"] for step in steps)
    assert departures["detail"].str.len_chars().min() > 0


def test_the_raw_counts_are_those_of_the_published_tables(tiny_run):
    counts = tiny_run.json("catalog/waterfall.json")["rows_per_catalog"]
    raw = {
        year: len(pl.read_csv(tiny_run.chorus / year / "train_metadata.csv", infer_schema=False))
        for year in ("year_a", "year_b")
    }
    assert counts == raw


def test_planted_duplicates_of_a_key_left_one_of_each_pair(tiny_run, planted):
    gone = set(departed(tiny_run, "duplicate_key")["recording_id"])
    pairs = [set(map(recording_id, pair)) for pair in planted["duplicate_key"]]
    assert [len(pair & gone) for pair in pairs] == [1] * len(pairs)
    assert gone <= set().union(*pairs)


def test_recordings_that_the_target_holds_left_pretraining(tiny_run, planted):
    gone = departed(tiny_run, "target_overlap")
    assert sorted(gone["xc_id"]) == sorted(planted["target_overlap"])
    assert set(gone["catalog"]) == {"year_a"}


def test_a_recording_under_two_labels_is_told_and_stays(tiny_run, planted):
    (pair,) = planted["label_conflict"]
    told = set(tiny_run.table("catalog/conflicts.parquet")["recording_id"])
    stayed = set(tiny_run.table("catalog/pretrain.parquet")["recording_id"])
    assert set(map(recording_id, pair)) == told
    assert told <= stayed


def test_licences_are_counted_over_both_parts(tiny_run):
    counts = tiny_run.json("catalog/waterfall.json")["licenses"]
    tables = pl.concat([tiny_run.table(f"catalog/{part}.parquet") for part in PARTS])
    assert counts == licenses(tables)
    assert sum(counts.values()) == len(tables)


def test_what_was_written_is_read_back_whole(tiny_run):
    merged = read_merged(tiny_run.opened())
    assert merged.target.equals(tiny_run.table("catalog/target.parquet"))
    assert merged.waterfall == tiny_run.json("catalog/waterfall.json")["steps"]
    assert dict(merged.min_recordings) == {"year_a": 1, "year_b": 1}


def test_a_debug_run_keeps_the_commonest_classes_whole(tiny_run, tmp_path, monkeypatch):
    monkeypatch.setattr("oscine.pipeline.stages.catalog.DEBUG_RECORDINGS", 10)
    debug = tiny_run.elsewhere(tmp_path / "run")
    debug.run("debug=true", "merge.drop_target_overlap=false", stages=["catalog"])
    whole = pl.read_csv(tiny_run.chorus / "year_b" / "train_metadata.csv", infer_schema=False)
    counts = whole["primary_label"].value_counts().sort("count", descending=True)
    kept = debug.table("catalog/target.parquet")["primary_label"].value_counts()
    least = kept["count"].min()
    assert 10 <= len(debug.table("catalog/target.parquet")) < len(whole)
    assert dict(kept.iter_rows()).items() <= dict(counts.iter_rows()).items()
    assert (
        least >= counts.filter(~pl.col("primary_label").is_in(kept["primary_label"]))["count"].max()
    )


def test_a_catalog_that_is_not_there_is_a_typed_error_that_names_it(tiny_run, tmp_path):
    with pytest.raises(SourceError, match="nowhere"):
        tiny_run.elsewhere(tmp_path / "run").run("catalogs.0.path=nowhere", stages=["catalog"])


def test_every_recording_that_stays_is_a_file(tiny_run):
    paths = tiny_run.table("catalog/target.parquet")["filepath"]
    assert all(Path(path).is_file() for path in paths)


def test_nothing_left_to_pretrain_on_is_an_error_with_a_way_out(tiny_run, tmp_path):
    """Every recordist of the chorus is in both parts."""
    apart = tiny_run.elsewhere(tmp_path / "run")
    with pytest.raises(CatalogError, match="no recording is left to pretrain on") as error:
        apart.run("merge.separate=[recordist]", stages=["catalog"])
    assert "merge.separate" in str(error.value)
    apart.run("merge.separate=[recordist]", "pretrain=null", stages=["catalog"])


def test_the_account_of_labels_names_every_disagreement(tiny_run):
    account = tiny_run.json("catalog/taxonomy.json")
    assert account["tables"] == account["labels"] == account["disagreements"] == []


def test_labels_of_both_years_follow_a_taxonomy(tiny_run, tmp_path):
    path = tiny_run.chorus / "year_a" / "taxonomy.csv"
    run = tiny_run.elsewhere(tmp_path / "run")
    facts = run.run(f"taxonomy.tables=[{path}]", stages=["catalog"])["catalog"]["facts"]
    account = run.json("catalog/taxonomy.json")
    assert account["tables"][0]["path"] == str(path)
    assert account["counts"]["year_a"]["code"] == account["counts"]["year_a"]["labels"]
    unresolved = [row for row in account["labels"] if row["how"] == "unresolved"]
    assert facts["unresolved_labels"] == len(unresolved) > 0
    assert {row["catalog"] for row in unresolved} == {"year_b"}


def test_a_strict_taxonomy_stops_the_run_and_names_the_label(tiny_run, tmp_path):
    path = tiny_run.chorus / "year_a" / "taxonomy.csv"
    run = tiny_run.elsewhere(tmp_path / "run")
    with pytest.raises(LabelError, match=r"recordings of year_b.*, first year_b/"):
        run.run(f"taxonomy.tables=[{path}]", "taxonomy.strict=true", stages=["catalog"])


def test_a_changed_taxonomy_makes_the_catalogs_stale(tiny_run, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("old,new\na,b\n")
    run = tiny_run.elsewhere(tmp_path / "run")
    override = f"taxonomy.crosswalk={path}"
    run.run(override, stages=["catalog"])
    assert "catalog" not in run.stale(override)
    path.write_text("old,new\na,bc\n")
    assert "catalog" in run.stale(override)


def test_an_entry_of_a_list_that_is_no_recording_is_told(tiny_run, tmp_path, caplog):
    first = tiny_run.table("catalog/target.parquet")["filepath"][0]
    path = tmp_path / "bad.txt"
    path.write_text(f"../input/x/{'/'.join(Path(first).parts[-3:])}\nXC0.ogg\n")
    run = tiny_run.elsewhere(tmp_path / "run")
    run.run(f"merge.corrupt_lists=[{path}]", stages=["catalog"])
    assert run.json("catalog/waterfall.json")["unmatched_entries"][str(path)] == ["XC0.ogg"]
    assert "1 of 2 entries are no recording: XC0.ogg" in caplog.text
    assert first not in run.table("catalog/target.parquet")["filepath"].to_list()
