from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from matplotlib.image import imread

from oscine.core import write_json
from oscine.report import Run, tell_results
from unit.report.run_folder import write_run
from wandb_records import offline_runs

pytestmark = [
    pytest.mark.usefixtures("no_account"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
CLIPS = 2


def tracked_run(folder, tracking):
    path = write_run(folder / "run")
    with (path / "recipe.yaml").open("a", encoding="utf-8") as recipe:
        recipe.write(f"\ntracking: {json.dumps(tracking)}\n")
    training = {"fold": 0, "catalog": "00", "metrics": {}}
    write_json(path / "bundle/fold-0/bundle.json", {"name": "chorus", "training": training})
    return path


def test_results_are_told_from_what_the_run_left(tmp_path):
    path = tracked_run(tmp_path, {"wandb": True, "wandb_clips": CLIPS})
    tell_results(path)
    (told,) = offline_runs(path)
    facts, metrics = Run(path).facts, Run(path).json("evaluate/metrics.json")
    assert told.run.run_group == facts["comment"]
    assert told.config["catalog_fingerprint"] == "00"
    pooled = metrics["finetune"]["pooled"]["cmap"]
    assert told.summary["finetune/cmap"] == pooled["value"]
    assert told.summary["finetune/cmap_low"] == pooled["low"]
    assert told.artifacts["chorus-small-fold-0"].type == "model"


def table_of(told, name):
    (path,) = (told.folder / "files/media/table").glob(f"{name}_*.table.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_table_of_classes_is_that_of_the_evaluation(tmp_path):
    path = tracked_run(tmp_path, {"wandb": True, "wandb_clips": 0})
    tell_results(path)
    (told,) = offline_runs(path)
    table = table_of(told, "per_class")
    columns = table["columns"]
    stored = Run(path).table("evaluate/per_class.parquet")
    assert columns == stored.columns
    assert {"average_precision", "roc_auc", "n_recordings"} <= set(columns)
    assert [row[columns.index("species_code")] for row in table["data"]] == stored[
        "species_code"
    ].to_list()
    assert not list((told.folder / "files/media/table").glob("mistakes*"))


def test_the_worst_clips_can_be_seen_and_heard(tmp_path):
    folder = tracked_run(tmp_path, {"wandb": True, "wandb_clips": CLIPS})
    tell_results(folder)
    (told,) = offline_runs(folder)
    rows = table_of(told, "mistakes")["data"]
    assert [row[0] for row in rows] == ["finetune"] * CLIPS + ["baseline"] * CLIPS
    assert all(row[3] > row[4] for row in rows)
    (artifact,) = [one for name, one in told.artifacts.items() if name.endswith("-mistakes")]
    kept = {entry.path: Path(entry.local_path) for entry in artifact.manifest.contents}
    assert all(path.is_relative_to(folder) for path in kept.values())
    sounds = [path for name, path in kept.items() if name.startswith("media/audio/")]
    images = [path for name, path in kept.items() if name.startswith("media/images/")]
    assert len(sounds) == len(images) == len({row[6] for row in rows})
    assert all(soundfile.info(path).duration > 1 for path in sounds)
    assert all(imread(path, format="png").std() > 0.05 for path in images)


def test_results_are_told_once_until_they_change(tmp_path):
    path = tracked_run(tmp_path, {"wandb": True, "wandb_clips": 0})
    tell_results(path)
    tell_results(path)
    assert len(offline_runs(path)) == 1
    facts = Run(path).facts
    changed = [row | {"fingerprint": "01"} for row in facts["stages"]]
    write_json(path / "run.json", facts | {"stages": changed})
    tell_results(path)
    first, second = offline_runs(path)
    assert first.run.run_id == second.run.run_id


def test_a_run_that_did_not_ask_is_left_alone(tmp_path):
    path = tracked_run(tmp_path, {"wandb": False})
    tell_results(path)
    assert not (path / "wandb").exists()


def test_a_clip_whose_file_is_gone_is_a_row_without_sound(tmp_path):
    path = tracked_run(tmp_path, {"wandb": True, "wandb_clips": 1})
    for file in (tmp_path / "audio").rglob("*.wav"):
        file.unlink()
    tell_results(path)
    (told,) = offline_runs(path)
    assert [row[-2:] for row in table_of(told, "mistakes")["data"]] == [[None, None]] * 2
