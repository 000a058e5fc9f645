from __future__ import annotations

import shutil
import threading
from functools import partial

import pytest

from oscine.pipeline import Recipe
from oscine.pipeline.doctor import data
from oscine.pipeline.doctor.diagnosis import answered
from oscine.pipeline.folder import RunFolder


@pytest.fixture
def look(tiny_run, tmp_path):
    """Gives what is said of the catalogs of the tiny recipe, changed."""

    def of(*overrides):
        folder = RunFolder(tmp_path / "absent", tiny_run.recipe(*overrides))
        return data.catalogs(folder)

    return of


def test_catalogs_that_can_be_read_are_ok_with_their_rows_and_their_audio(look):
    found, expected = look()
    assert {one.level for one in found} == {"ok"}
    told = {one.topic: one.what for one in found}
    assert told["catalog year_a"].startswith("pretrain: ")
    assert told["audio of target"].endswith("are there")
    assert expected is not None


def test_a_catalog_without_its_table_is_a_problem_and_the_others_are_still_read(look, tmp_path):
    found, expected = look(f"catalogs.0.path={tmp_path}")
    told = {one.topic: one for one in found}
    assert told["catalog year_a"].level == "problem"
    assert "no such table" in told["catalog year_a"].what
    assert told["catalog year_b"].level == "ok"
    assert expected is None


def test_a_catalog_without_its_audio_is_a_problem(look, tiny_run, tmp_path):
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    shutil.copy(tiny_run.chorus / "year_b" / "train_metadata.csv", lonely)
    found, _ = look(f"catalogs.1.path={lonely}")
    told = {one.topic: one for one in found}
    assert told["catalog year_b"].level == "problem"
    assert "folder of audio is not there" in told["catalog year_b"].what


def test_a_file_that_is_missing_is_a_warning(look, tiny_run, tmp_path):
    shutil.copytree(tiny_run.chorus / "year_b", tmp_path / "year_b")
    next((tmp_path / "year_b").rglob("train_audio/*/*.ogg")).unlink()
    found, _ = look(f"catalogs.1.path={tmp_path / 'year_b'}")
    told = {one.topic: one for one in found}
    assert told["audio of target"].level == "warning"
    assert told["audio of target"].what.startswith("1 of ")


def test_a_merge_that_leaves_nothing_is_a_problem_of_none_of_the_catalogs(look):
    found, expected = look("catalogs.1.min_recordings=1000")
    told = {one.topic: one for one in found}
    assert told["catalogs"].level == "problem"
    assert "no target recording is left" in told["catalogs"].what
    assert told["catalog year_a"].level == "ok"
    assert expected is None


def test_folds_that_validate_nothing_are_a_problem(look):
    found, _ = look("target_folds.cv_filter=1000")
    assert found[-1].level == "problem"
    assert "always be in training" in found[-1].what


def test_a_batch_that_is_larger_than_an_epoch_is_a_warning(look):
    found, _ = look("finetune.batch_size=256")
    (warned, *_) = [one for one in found if one.level == "warning"]
    assert "less than a batch of 256" in warned.what


def remote(url):
    target = {"name": "far", "source": "birdclef2023", "path": url, "role": "target"}
    return Recipe(catalogs=(target,))


def test_a_remote_catalog_that_answers_is_ok_and_not_read(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "expect", pytest.fail)
    found, expected = data.catalogs(RunFolder(tmp_path, remote(bucket)))
    assert [one.level for one in found] == ["ok"]
    assert expected is None


def test_a_remote_catalog_that_cannot_be_reached_is_a_problem(tmp_path):
    found, _ = data.catalogs(RunFolder(tmp_path, remote("http://127.0.0.1:9/year")))
    assert [one.level for one in found] == ["problem"]


def test_a_remote_catalog_that_says_nothing_is_given_up(tmp_path, monkeypatch, bucket):
    monkeypatch.setattr(data, "file_state", lambda path: threading.Event().wait())
    monkeypatch.setattr(data, "answered", partial(answered, patience_s=0.1))
    found, _ = data.catalogs(RunFolder(tmp_path, remote(bucket)))
    assert "no answer" in found[0].what


def test_sounds_to_mix_in_are_counted(make_recipe, tiny_run, tmp_path):
    def background(folder):
        augment = {"background": {"probability": 0.5, "folder": str(folder)}}
        return list(data.sounds(make_recipe(finetune={"augment": augment}, pretrain=None)))

    (there,) = background(tiny_run.chorus / "year_b" / "train_soundscapes")
    assert there.level == "ok"
    (tmp_path / "empty").mkdir()
    (gone,) = background(tmp_path / "empty")
    assert (gone.level, gone.fix) == ("problem", "check the folder")


def test_a_speech_model_that_is_not_installed_is_a_problem(make_recipe, without):
    without("silero_vad")
    (found,) = data.sounds(make_recipe(audit={"speech": True}, pretrain=None))
    assert (found.topic, found.level) == ("speech", "problem")


def test_soundscapes_are_counted(tiny_run):
    (found,) = data.soundscapes(tiny_run.recipe())
    assert found.level == "ok"


def test_a_folder_without_soundscapes_is_a_problem(tiny_run, tmp_path):
    (tmp_path / "empty").mkdir()
    (found,) = data.soundscapes(tiny_run.recipe(f"scan.paths=[{tmp_path / 'empty'}]"))
    assert (found.topic, found.level) == ("scan", "problem")


def test_a_soundscape_that_is_not_there_is_a_warning(tiny_run, tmp_path):
    (found,) = data.soundscapes(tiny_run.recipe(f"scan.paths=[{tmp_path / 'absent.ogg'}]"))
    assert found.level == "warning"


def test_annotations_that_are_not_there_are_a_problem(tiny_run):
    *_, found = data.soundscapes(tiny_run.recipe("scan.annotations=absent.csv"))
    assert found.level == "problem"
    assert "absent.csv" in found.what
