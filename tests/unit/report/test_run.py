from __future__ import annotations

import polars as pl
import pytest

from oscine.core import ArtifactError
from oscine.report import Run
from oscine.report.run import readable_name
from unit.report.run_folder import N_FOLDS, N_TARGET, write_run


def test_fits_come_in_the_order_of_stages_and_folds(finished):
    found = [(fit["stage"], fit["fold"]) for fit in finished.fits()]
    assert found == [
        ("pretrain", 0),
        *[("finetune", k) for k in range(N_FOLDS)],
        *[("baseline", k) for k in range(N_FOLDS)],
    ]


def test_histories_carry_their_stage_and_fold(finished):
    history = finished.histories()
    assert {"stage", "fold", "epoch", "train_loss"} <= set(history.columns)
    assert history.height == 12 * (1 + 2 * N_FOLDS)


def test_out_of_fold_rows_of_all_folds_come_together(finished):
    assert set(finished.out_of_fold("finetune")["fold"]) == set(range(N_FOLDS))


def test_classes_keep_the_order_of_the_scores(finished):
    codes = [row["species_code"] for row in finished.classes("target")]
    assert codes == [f"sp{i:02d}" for i in range(N_TARGET)]


def test_what_is_absent_is_none_or_empty(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["catalog", "audit", "fits", "folds"]))
    assert run.table("audit/findings.parquet") is None
    assert run.json("folds/leaks.json") is None
    assert run.recordings("target") is None
    assert run.histories().is_empty()
    assert run.names() == {}


def test_recordings_before_the_audit_do_when_it_was_skipped(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["audit"]))
    assert run.recordings("target").height


def test_a_fit_that_was_killed_before_its_first_epoch_is_passed_over(tmp_path):
    run = Run(write_run(tmp_path / "run"))
    (run.path / "fits/baseline/fold-1/history.jsonl").write_text("")
    assert run.histories().height == 12 * 2 * N_FOLDS


@pytest.mark.parametrize("name", ["audit/findings.parquet", "evaluate/per_class.parquet"])
def test_a_damaged_table_is_an_error_that_names_it(tmp_path, name):
    run = Run(write_run(tmp_path / "run"))
    (run.path / name).write_bytes(b"no parquet")
    with pytest.raises(ArtifactError, match=name):
        run.table(name)


@pytest.mark.parametrize(("common", "shown"), [("Wren", "Wren"), ("", "winwre"), (None, "winwre")])
def test_a_species_without_a_common_name_goes_by_its_code(common, shown):
    row = pl.DataFrame(
        {"common_name": [common], "species_code": ["winwre"]},
        schema={"common_name": pl.String, "species_code": pl.String},
    )
    assert row.select(readable_name())["name"].to_list() == [shown]


def test_recordings_of_both_parts_carry_their_part(finished):
    counts = dict(finished.all_recordings()["part"].value_counts().iter_rows())
    assert counts == {part: finished.recordings(part).height for part in ("pretrain", "target")}


@pytest.mark.parametrize("text", ["- a list", "a: [", "plain"])
def test_a_damaged_recipe_is_an_error(tmp_path, text):
    run = write_run(tmp_path / "run", without=["audio", "fits", "scan", "evaluate"])
    (run / "recipe.yaml").write_text(text)
    with pytest.raises(ArtifactError, match="damaged"):
        _ = Run(run).recipe


def test_a_run_without_a_recipe_has_an_empty_one(tmp_path):
    assert Run(tmp_path).recipe == {}
