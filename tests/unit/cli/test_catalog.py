"""`oscine catalog`, on a run that is finished."""

from __future__ import annotations

import json

from unit.report.run_folder import write_run


def test_build_prints_the_waterfall_of_merge_and_audit(oscine, tiny_run):
    said = oscine(
        "catalog", "build", tiny_run.recipe_file, tiny_run.cache_override, "--out", tiny_run.path
    )
    steps = [
        step
        for stage in ("catalog", "audit")
        for step in tiny_run.json(f"{stage}/waterfall.json")["steps"]
    ]
    printed = [line.split() for line in said.out.splitlines()]
    expected = [[step["step"], step["part"], str(step["rows"]), str(step["removed"])]
                for step in steps]  # fmt: skip
    assert [row for row in printed if row in expected] == expected


def test_build_brings_catalog_audit_and_folds_up_to_date(oscine, tiny_run):
    said = oscine("catalog", "build", tiny_run.recipe_file, "--out", tiny_run.path, "--json")
    assert [row["stage"] for row in json.loads(said.out)] == ["catalog", "audit", "folds"]


def test_report_prints_where_the_page_is(oscine, tmp_path):
    parts = ("audit", "folds", "fits", "evaluate", "bundle", "scan", "audio")
    run = write_run(tmp_path / "run", without=parts)
    said = oscine("catalog", "report", run)
    assert said.status == 0
    assert said.out.strip() == str(run / "report" / "catalog.html")
    assert (run / "report" / "catalog.html").is_file()


def test_report_of_a_folder_that_is_no_run_is_one_line(oscine, tmp_path):
    said = oscine("catalog", "report", tmp_path)
    assert said.status == 2
    assert "no run folder" in said.err
