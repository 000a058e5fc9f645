"""The commands that bring a run up to date, on a run that is finished: they all say skipped."""

from __future__ import annotations

import json

import pytest

from oscine.cli.run import metric_cell, print_metrics, print_stages
from oscine.core import read_json, write_json


@pytest.fixture
def command(oscine, tiny_run):
    def call(*words):
        *name, last = words if words[-1].startswith("-") else [*words, None]
        options = [last] if last else []
        said = oscine(
            *name, tiny_run.recipe_file, tiny_run.cache_override, "--out", tiny_run.path, *options
        )
        assert said.status == 0, said.err
        return said

    return call


def statuses(printed):
    rows = [line.split() for line in printed.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1] in {"done", "skipped"}}


def test_run_as_json_says_what_each_stage_did_and_nothing_else(command, tiny_run, monkeypatch):
    monkeypatch.setattr("oscine.report.build_report", lambda folder: folder / "not now")
    said = command("run", "--json")
    rows = json.loads(said.out)
    assert [row["stage"] for row in rows][:3] == ["catalog", "audit", "folds"]
    assert {row["status"] for row in rows} == {"skipped"}
    assert {row["fingerprint"] for row in rows} == {
        read_json(path)["fingerprint"] for path in (tiny_run.path / "stages").glob("*.json")
    }


def test_run_can_fit_some_folds_and_leave_the_others(oscine, tiny_run, tmp_path, monkeypatch):
    monkeypatch.setattr("oscine.report.build_report", lambda folder: folder / "not now")
    copied = tiny_run.copied(tmp_path / "run")
    said = oscine(
        "run", tiny_run.recipe_file, tiny_run.cache_override, "target_folds.selected=[0, 1]",
        "--out", copied.path, "--fold", "0", "--json",
    )  # fmt: skip
    found = {row["stage"]: row["status"] for row in json.loads(said.out)}
    assert (found["finetune/fold-0"], found["naive/fold-1"]) == ("skipped", "missing")
    assert found["evaluate"] == "done"


def test_run_prints_stages_metrics_and_where_the_report_is(command, tiny_run):
    said = command("run")
    assert set(statuses(said.out).values()) == {"skipped"}
    assert "fine-tuned" in said.out
    assert "without pretraining" in said.out
    assert said.out.splitlines()[-1] == f"report: {tiny_run.path / 'report' / 'index.html'}"
    assert (tiny_run.path / "report" / "index.html").is_file()


def test_fit_brings_the_folds_of_a_stage_up_to_date_with_what_they_stand_on(command):
    assert list(statuses(command("fit").out)) == [
        "catalog", "audit", "folds", "cache", "pretrain/fold-0", "finetune/fold-0",
    ]  # fmt: skip


def test_fit_can_name_a_stage(oscine, tiny_run):
    said = oscine(
        "fit", tiny_run.recipe_file, tiny_run.cache_override, "--out", tiny_run.path,
        "--stage", "pretrain",
    )  # fmt: skip
    assert list(statuses(said.out))[-1] == "pretrain/fold-0"


def test_evaluate_prints_every_metric_with_its_interval(command, tiny_run):
    said = command("evaluate")
    pooled = tiny_run.json("evaluate/metrics.json")["finetune"]["pooled"]
    lines = {line.split()[0]: line for line in said.out.splitlines() if line.strip()}
    shown = {name: f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
             for name, row in pooled.items()}  # fmt: skip
    assert {name for name, text in shown.items() if text not in lines[name]} == set()
    assert list(statuses(said.out))[-1] == "evaluate"


def test_bundle_ends_with_the_bundles(command):
    assert list(statuses(command("bundle").out))[-1] == "bundle"


def test_each_of_them_can_speak_json(oscine, tiny_run):
    words = (tiny_run.recipe_file, tiny_run.cache_override, "--out", tiny_run.path, "--json")
    assert [row["stage"] for row in json.loads(oscine("bundle", *words).out)][-1] == "bundle"


def test_a_run_without_a_place_is_in_runs_under_its_name(oscine, tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    oscine("catalog", "build", tiny_run.recipe_file, "name=try-1")
    assert (tmp_path / "runs" / "try-1" / "folds" / "classes.json").is_file()


def test_a_recipe_that_is_not_verbose_says_no_more_than_its_result(oscine, tiny_run):
    words = ("catalog", "build", tiny_run.recipe_file, "--out", tiny_run.path)
    assert "skipped" in oscine(*words).err
    assert oscine(*words, "verbose=false").err == ""


def row(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def test_metrics_stand_side_by_side_with_their_difference(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    metrics = {
        "finetune": {"pooled": {"cmap": row(0.5, 0.4, 0.6), "accuracy": None}},
        "baseline": {"pooled": {"cmap": row(0.3), "accuracy": None}},
        "difference": {"finetune-baseline": {"cmap": row(0.2, 0.1, 0.3), "accuracy": None}},
    }
    write_json(tmp_path / "evaluate" / "metrics.json", metrics)
    print_metrics(tmp_path)
    printed = " ".join(capsys.readouterr().out.split())
    assert "0.500 (0.400 to 0.600)" in printed
    assert "0.300" in printed
    assert "+0.200 (+0.100 to +0.300)" in printed
    assert "accuracy undefined undefined undefined" in printed


def test_a_run_without_a_baseline_has_one_column(tmp_path, capsys):
    write_json(tmp_path / "evaluate" / "metrics.json", {"finetune": {"pooled": {"cmap": row(0.5)}}})
    print_metrics(tmp_path)
    assert "pretraining" not in capsys.readouterr().out


def over_folds(values, missing=()):
    """Metrics of a fit whose cmAP was told by some folds."""
    n = len(values)
    return {
        "pooled": {"cmap": row(0.5)},
        "folds": {str(fold): {"cmap": value} for fold, value in enumerate(values)},
        "n_folds": {"cmap": n},
        "mean": {"cmap": sum(values) / n},
        "spread": {"cmap": 0.1 if n > 1 else None},
        "missing_folds": list(missing),
    }


def test_mean_and_spread_over_folds_stand_below_the_pooled_values(tmp_path, capsys):
    metrics = {"finetune": over_folds([0.4, 0.6]), "baseline": over_folds([0.3])}
    write_json(tmp_path / "evaluate" / "metrics.json", metrics)
    print_metrics(tmp_path)
    printed = " ".join(capsys.readouterr().out.split())
    assert "mean ± spread over folds" in printed
    assert "cmap 0.500 ± 0.100 (2) 0.300 (1)" in printed


def test_one_fold_has_no_mean_and_the_folds_that_are_missing_are_named(tmp_path, capsys):
    metrics = {"finetune": over_folds([0.4], missing=[1, 2])}
    write_json(tmp_path / "evaluate" / "metrics.json", metrics)
    print_metrics(tmp_path)
    printed = capsys.readouterr().out
    assert "spread" not in printed
    assert "fine-tuned: missing from this evaluation: fold 1, 2" in printed


def test_naive_and_grouped_folds_stand_side_by_side_with_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    metrics = {
        "finetune": {"pooled": {"cmap": row(0.5, 0.4, 0.6)}},
        "naive": {"pooled": {"cmap": row(0.7, 0.6, 0.8)}},
        "difference": {"naive-finetune": {"cmap": row(0.15, 0.1, 0.2)}},
        "compared": {"naive-finetune": 90},
    }
    write_json(tmp_path / "evaluate" / "metrics.json", metrics)
    print_metrics(tmp_path)
    printed = " ".join(capsys.readouterr().out.split())
    assert "naive folds grouped folds difference" in printed
    assert "0.700 (0.600 to 0.800) 0.500 (0.400 to 0.600) +0.150 (+0.100 to +0.200)" in printed
    assert "On the 90 clips that both score, naive folds change cmAP by +0.150" in printed


def test_a_run_that_was_not_evaluated_has_nothing_to_print(tmp_path, capsys):
    print_metrics(tmp_path)
    assert capsys.readouterr().out == ""


def test_brackets_and_colons_of_a_path_are_printed_as_they_are(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    print_stages([{"stage": "x", "status": "done", "facts": {"path": "[red]/:key:/"}}], False)
    assert "path [red]/:key:/" in capsys.readouterr().out


def test_stages_are_printed_with_their_facts(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "120")
    facts = {"files": 64, "hours": 0.0821, "recordings": {"pretrain": 3, "target": 2}}
    print_stages([{"stage": "audit", "status": "done", "seconds": 1.5, "facts": facts}], False)
    last = capsys.readouterr().out.splitlines()[-1].split(maxsplit=3)
    assert last[:3] == ["audit", "done", "1.5"]
    assert last[3].strip() == "files 64, hours 0.0821, recordings pretrain=3 target=2"


def test_excluding_licences_is_the_override_in_other_words(oscine, tiny_run, tmp_path):
    said = oscine(
        "catalog", "build", tiny_run.recipe_file, tiny_run.cache_override,
        "--out", tmp_path / "run", "--exclude-license", "nc, nd",
    )  # fmt: skip
    assert said.status == 0, said.err
    run = tiny_run.elsewhere(tmp_path / "run")
    assert "catalog" not in run.stale("merge.exclude_licenses=[nc,nd]")
    gone = run.table("catalog/departures.parquet").filter(reason="license")
    assert len(gone) > 0
    kept = set(run.table("audit/licenses.parquet")["license"])
    assert kept == {"CC BY 4.0", "CC BY-SA 4.0"}


def test_an_unknown_condition_of_licences_lists_the_choices(oscine, tiny_run, tmp_path):
    said = oscine(
        "run", tiny_run.recipe_file, "--out", tmp_path / "run", "--exclude-license", "nope"
    )
    assert said.status == 2
    assert "'nc', 'nd', 'sa'" in said.err


def test_people_are_told_epochs_from_one(capsys):
    row = {"stage": "finetune/fold-0", "status": "done", "facts": {"best_epoch": 0, "epochs": 3}}
    print_stages([row], False)
    assert "best_epoch 1, epochs 3" in capsys.readouterr().out
    assert row["facts"]["best_epoch"] == 0


def test_no_difference_is_a_negative_nothing():
    cell = metric_cell({"value": -0.0001, "low": -0.2, "high": -0.00001}, sign=True)
    assert cell == "+0.000 (-0.200 to +0.000)"
