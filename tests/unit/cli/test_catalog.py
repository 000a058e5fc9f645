"""`oscine catalog`: the commands, on a finished run and on tables without audio."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from oracles import merge_pandas
from oscine.catalog import KNOWN_SILENT
from unit.report.run_folder import write_run

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "birdclef-2022-2023.yaml"

COLUMNS = {
    "2022": "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
    "author,license,rating,time,url,filename",
    "2023": "primary_label,secondary_labels,type,latitude,longitude,scientific_name,common_name,"
    "author,license,rating,url,filename",
}


@pytest.fixture
def command(oscine, tiny_run):
    def call(*words):
        said = oscine("catalog", *words)
        assert said.status == 0, said.err
        return said.out

    return call


@pytest.fixture
def build(command, tiny_run):
    def call(*words):
        return command(
            "build", tiny_run.recipe_file, tiny_run.cache_override, "--out", tiny_run.path, *words
        )

    return call


def test_build_says_everything_in_one_json_object(build, tiny_run):
    told = json.loads(build("--json"))
    assert told["run"] == str(tiny_run.path)
    assert [row["stage"] for row in told["stages"]] == ["catalog", "audit", "folds"]
    steps = [
        {name: step[name] for name in ("step", "rows", "removed")}
        for stage in ("catalog", "audit")
        for step in tiny_run.json(f"{stage}/waterfall.json")["steps"]
        if step["part"] == "target"
    ]
    shown = told["waterfall"]["target"]
    assert [{name: step[name] for name in steps[0]} for step in shown] == steps


def test_build_prints_stages_waterfall_classes_and_how_to_go_on(build, tiny_run):
    lines = [" ".join(line.split()) for line in build().splitlines()]
    assert "catalog skipped" in lines
    step = next(
        step
        for step in tiny_run.json("audit/waterfall.json")["steps"]
        if step["part"] == "target" and step["removed"]
    )
    share = 100 * step["removed"] / (step["rows"] + step["removed"])
    assert f"audit {step['step']} {step['rows']} {step['removed']} {share:.2f} %" in lines
    assert any(line.startswith("target: 2 folds of ") for line in lines)
    assert any(f"oscine catalog explain RECORDING --run {tiny_run.path}" in line for line in lines)


def test_explain_tells_the_story_of_a_recording(command, tiny_run):
    left = tiny_run.table("audit/departures.parquet").row(0, named=True)
    said = command("explain", left["recording_id"], "--run", tiny_run.path)
    assert said.splitlines()[0] == f"run: {tiny_run.path}"
    assert left["detail"] in said
    told = json.loads(command("explain", left["recording_id"], "--run", tiny_run.path, "--json"))
    exits = [entry["exit"] for entry in told["stories"][0]["entries"]]
    assert left["reason"] in {one["reason"] for one in exits if one}


def test_explain_takes_the_newest_run_and_says_so(command, tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_run.copied(tmp_path / "runs" / "mine")
    stays = tiny_run.table("audit/target.parquet")["recording_id"][0]
    first = command("explain", stays).splitlines()[0]
    assert first == "run: runs/mine (the newest; --run takes another)"


def test_explain_offers_the_nearest_of_an_unknown_name(oscine, tiny_run):
    known = tiny_run.table("audit/target.parquet")["xc_id"][0]
    said = oscine("catalog", "explain", f"{known}0", "--run", tiny_run.path)
    assert said.status == 2
    assert f"no catalog of this run has '{known}0'" in said.err
    assert known in said.err.partition("the nearest are")[2]


def agrees_with_pandas(told, folder: Path, corrupt: list[str]) -> dict[str, int]:
    """Compare what the command said with the oracle on the same two tables; gives its counts."""
    places = {year: (folder / year).resolve() for year in ("2022", "2023")}
    old, target = (
        merge_pandas.read_year(place / "train_metadata.csv", f"{place}/train_audio", year[2:])
        for year, place in places.items()
    )
    listed = [
        path
        for path in pd.concat([old, target])["filepath"]
        if any(path.endswith(f"/{name}") for name in corrupt)
    ]
    expected, counts = merge_pandas.merge([old], target, listed)
    rows = {step["step"]: step["rows"] for step in told["waterfall"]["pretrain"]}
    assert {step: rows[step] for step in counts} == counts
    assert told["final"]["pretrain"]["rows"] == len(expected)
    assert told["final"]["pretrain"]["classes"] == expected["primary_label"].nunique()
    read = {row["catalog"]: row["read"] for row in told["catalogs"]}
    assert read == {"birdclef-2022": len(old), "birdclef-2023": len(target)}
    return counts


def test_the_real_years_are_accounted_for_as_pandas_does(command, real_data, tmp_path):
    told = json.loads(command("build", EXAMPLE, "--out", tmp_path / "run", "--json"))
    counts = agrees_with_pandas(told, real_data / "catalogs", list(KNOWN_SILENT))
    assert counts["duplicate_key"] - counts["target_overlap"] == 483
    assert told["departures"] == {"pretrain": {"target_overlap": 483}, "target": {}}
    assert told["final"]["target"]["rows"] == 16_941
    assert {one["detail"] for one in told["conflicts"]} == {
        "XC294370 stands as brant, gadwal",
        "XC501149 stands as gnwtea, mallar3",
        "XC316684 stands as cibwar1, gnbcam2",
    }
    assert told["audited"] is False


def publish(folder: Path, year: str, rows: list[tuple[str, str, str]]) -> None:
    """Write a year's table of (label, id, recordist)."""
    (folder / year).mkdir()
    with (folder / year / "train_metadata.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS[year].split(","), restval="")
        writer.writeheader()
        for label, xc_id, author in rows:
            names = {"primary_label": label, "author": author, "filename": f"{label}/{xc_id}.ogg"}
            writer.writerow(names | {"secondary_labels": "[]", "type": "['']", "rating": "0.0"})


MADE_UP = """\
name: made-up
catalogs:
  - {name: birdclef-2022, source: birdclef2022, path: "2022", role: pretrain, audio_required: false}
  - {name: birdclef-2023, source: birdclef2023, path: "2023", role: target, audio_required: false}
audit: {enabled: false}
merge: {corrupt_lists: [corrupt.txt]}
pretrain_folds: {n_folds: 2, cv_filter: 2}
target_folds: {n_folds: 2, cv_filter: 2}
"""


def test_made_up_years_are_accounted_for_as_pandas_does(oscine, tmp_path):
    old = [("brant", f"XC{n}", f"recordist {n}") for n in range(40)]
    old += [("brant", "XC3", "recordist 3")] * 2  # the same row again: by the key
    old += [("gadwal", "XC3", "recordist 3"), ("brant", "XC3", "somebody else")]  # not by the key
    new = [("gadwal", f"XC{n}", f"recordist {n}") for n in range(30, 60)]
    publish(tmp_path, "2022", old)
    publish(tmp_path, "2023", new)
    corrupt = ["brant/XC7.ogg", "brant/XC8.ogg"]
    (tmp_path / "corrupt.txt").write_text("\n".join(corrupt))
    (tmp_path / "made-up.yaml").write_text(MADE_UP)
    words = ("catalog", "build", tmp_path / "made-up.yaml", "--out", tmp_path / "run")
    said = oscine(*words, "--json")
    counts = agrees_with_pandas(json.loads(said.out), tmp_path, corrupt)
    assert list(counts.values()) == [44, 42, 32, 30]
    assert "SWITCHED OFF" in said.err
    printed = oscine(*words).out
    assert "THE AUDIT WAS SKIPPED" in printed
    assert "XC3 stands as brant, gadwal" in printed


def test_a_fit_of_tables_without_audio_is_refused(oscine, tmp_path):
    publish(tmp_path, "2022", [("brant", f"XC{n}", f"recordist {n}") for n in range(9)])
    publish(tmp_path, "2023", [("gadwal", f"XC{n}", f"recordist {n}") for n in range(9, 18)])
    (tmp_path / "corrupt.txt").write_text("")
    (tmp_path / "made-up.yaml").write_text(MADE_UP)
    words = ("fit", tmp_path / "made-up.yaml", "model.pretrain=none", "--out", tmp_path / "run")
    said = oscine(*words)
    assert said.status == 2
    assert "training recordings has audio (pretrain/fold-0)" in said.err


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
