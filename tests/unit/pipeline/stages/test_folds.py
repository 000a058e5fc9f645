from __future__ import annotations

import polars as pl
import pytest

from oscine.catalog import PARTS
from oscine.core import read_json
from oscine.pipeline.stages.folds import read_classes, read_folds, recordings


@pytest.mark.parametrize("part", PARTS)
def test_every_recording_has_one_fold(tiny_run, part):
    folder = tiny_run.opened()
    table, folds = recordings(folder, part), read_folds(folder, part)
    assert folds["recording_id"].to_list() == table["recording_id"].to_list()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("key", ["author", "xc_id"])
def test_nobody_and_nothing_is_on_both_sides(tiny_run, part, key):
    """Checked here from the tables alone; in the reference recipe recordists leaked."""
    folder = tiny_run.opened()
    joined = recordings(folder, part).join(read_folds(folder, part), on="recording_id")
    parted = joined.group_by(key).agg(pl.col("fold").n_unique()).filter(pl.col("fold") > 1)
    assert parted.is_empty()


@pytest.mark.parametrize("part", PARTS)
def test_the_leak_audit_is_kept_and_found_nothing(tiny_run, part):
    leaks = tiny_run.json("folds/leaks.json")[part]
    assert list(leaks) == ["recording", "recordist", "duplicate"]
    assert [row["leaks"] for row in leaks.values()] == [0, 0, 0]
    assert leaks["recordist"]["groups"] > 1


def test_pretraining_has_heard_no_recording_that_the_target_validates(tiny_run):
    across = tiny_run.json("folds/leaks.json")["across"]
    assert list(across) == ["0", "1"]
    for counts in across.values():
        assert list(counts) == ["recording", "duplicate", "recordist", "site"]
        assert counts["recording"]["rows"] == counts["duplicate"]["rows"] == 0


def test_recordists_that_the_parts_share_are_counted_from_the_tables(tiny_run):
    """Checked here without the audit's own code."""
    folder = tiny_run.opened()
    heard = recordings(folder, "pretrain")["author"].unique().to_list()
    joined = recordings(folder, "target").join(read_folds(folder, "target"), on="recording_id")
    expected = joined.filter(pl.col("author").is_in(heard))["fold"].value_counts()
    counts = tiny_run.json("folds/leaks.json")["across"]
    rows = {int(fold): found["recordist"]["rows"] for fold, found in counts.items()}
    assert {fold: n for fold, n in rows.items() if n} == {
        fold: n for fold, n in expected.iter_rows() if fold >= 0
    }


def test_a_recipe_that_separates_sites_leaves_none_in_both(tiny_run, tmp_path):
    apart = tiny_run.elsewhere(tmp_path / "run")
    apart.run("merge.separate=[site]", stages=["folds"])
    counts = apart.json("folds/leaks.json")["across"].values()
    assert [found["site"]["groups"] for found in counts] == [0, 0]
    assert [found["recordist"]["groups"] > 0 for found in counts] == [True, True]


def test_each_part_says_which_classes_are_validated_untrained(tiny_run):
    assert tiny_run.json("folds/leaks.json")["unseen"] == {"pretrain": {}, "target": {}}


def test_naive_folds_part_recordists_and_say_how_many(tiny_run):
    folder = tiny_run.opened()
    table = recordings(folder, "target")
    joined = table.join(read_folds(folder, "target", naive=True), on="recording_id")
    parted = joined.group_by("author").agg(pl.col("fold").n_unique()).filter(pl.col("fold") > 1)
    leaks = tiny_run.json("naive_folds/leaks.json")
    assert leaks["recordist"]["leaks"] == len(parted) > 0


@pytest.mark.parametrize("part", PARTS)
def test_the_class_list_is_that_of_the_audited_recordings_in_order(tiny_run, part):
    classes = read_classes(tiny_run.opened(), part)
    labels = tiny_run.table(f"audit/{part}.parquet")["primary_label"]
    assert list(classes.codes) == sorted(set(labels))
    assert all(one.common_name for one in classes.species)


def test_the_two_parts_share_the_species_that_were_planned(tiny_run):
    one, other = (set(read_classes(tiny_run.opened(), part).codes) for part in PARTS)
    assert len(one & other) == 2
    planned = read_json(tiny_run.chorus / "provenance.json")["species"]
    assert [one, other] == [set(planned["year_a"]), set(planned["year_b"])]


def test_another_seed_may_deal_otherwise_and_the_same_seed_deals_the_same(tiny_run, tmp_path):
    again = tiny_run.elsewhere(tmp_path / "run")
    again.run(stages=["folds"])
    assert again.table("folds/target.parquet").equals(tiny_run.table("folds/target.parquet"))


def test_without_pretraining_data_that_part_is_empty(tiny_run, tmp_path):
    alone = tiny_run.elsewhere(tmp_path / "run")
    target = f"{{name: year_b, source: birdclef2023, path: {tiny_run.chorus}/year_b, role: target}}"
    alone.run(f"catalogs=[{target}]", stages=["folds"])
    assert alone.json("folds/classes.json")["pretrain"] == []
    leaks = alone.json("folds/leaks.json")
    assert leaks["pretrain"] is leaks["across"] is None
    assert not (alone.path / "folds" / "pretrain.parquet").exists()
