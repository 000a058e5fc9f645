"""The gallery: every augmentation of one recording, at three levels, the same every time."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile
from safetensors.numpy import load_file

from oscine.core import AudioError, ConfigError, read_json
from oscine.pipeline import load_recipe, make_gallery
from oscine.pipeline.gallery import augmentations

RATE = 16_000
RECIPE = """\
catalogs: [{name: birds, source: folder, path: birds, role: target}]
audio: {sample_rate: 16000, window_s: 1.0}
features: {n_fft: 512, n_frames: 48, n_mels: 32, f_max_hz: 8000}
pretrain: null
"""


def call(path, frequency_hz, duration_s=1.5):
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(duration_s * RATE)) / RATE
    sound = 0.3 * np.sin(2 * np.pi * frequency_hz * time) * (np.sin(12 * time) > 0)
    soundfile.write(path, sound.astype(np.float32), RATE)


@pytest.fixture
def recipe(tmp_path):
    call(tmp_path / "birds" / "low" / "a.wav", 1000.0)
    call(tmp_path / "birds" / "high" / "b.wav", 4000.0)
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def made(recipe, folder, *overrides, recordings=()):
    make_gallery(load_recipe(str(recipe), overrides), recordings, folder)
    about = read_json(folder / "gallery" / "gallery.json")
    return {item["name"]: item for item in about["items"]}, about


@pytest.fixture
def gallery(recipe, tmp_path):
    return made(recipe, tmp_path / "out")[0]


def images(folder, item):
    stored = load_file(folder / "gallery" / "images.safetensors")
    return stored["000"], [stored[clip["key"]] for clip in item["clips"]]


def test_every_augmentation_of_a_recipe_is_there(gallery):
    assert list(gallery) == augmentations()
    assert len(gallery) == 14


@pytest.mark.parametrize(
    "name", [n for n in augmentations() if n not in {"background", "polarity"}]
)
def test_each_level_changes_more_than_the_one_below(name, gallery, tmp_path):
    assert [clip["level"] for clip in gallery[name]["clips"]] == ["low", "middle", "high"]
    if name != "gain":  # which the scaling of each clip takes out
        before, after = images(tmp_path / "out", gallery[name])
        changes = [np.abs(before - image).mean() for image in after]
        assert 0 < changes[0] <= changes[1] <= changes[2]


def test_what_is_always_alike_is_shown_once(gallery):
    assert [clip["level"] for clip in gallery["polarity"]["clips"]] == [""]


@pytest.mark.parametrize("axis", ["frequency", "time"])
def test_masks_cover_whole_bands_or_frames_with_the_floor(axis, gallery, tmp_path):
    before, after = images(tmp_path / "out", gallery[f"{axis}_masks"])
    changed = after[-1] != before
    covered = changed.any(axis=1 if axis == "frequency" else 0)
    stripes = after[-1][covered] if axis == "frequency" else after[-1][:, covered]
    assert covered.any()
    assert not covered.all()
    assert (stripes == before.min()).all()


def test_background_without_a_folder_says_why_it_is_not_shown(gallery):
    assert gallery["background"]["clips"] == []
    assert "finetune.augment.background.folder" in gallery["background"]["absent"]


@pytest.mark.parametrize("setting", ["folder=rain", "label=low"])
def test_background_of_a_folder_or_a_label_is_mixed_in(setting, recipe, tmp_path):
    call(tmp_path / "rain" / "rain.wav", 300.0)
    items, _ = made(recipe, tmp_path / "out", f"finetune.augment.background.{setting}")
    assert len(items["background"]["clips"]) == 3


def test_settings_that_change_nothing_are_said(recipe, tmp_path):
    items, _ = made(recipe, tmp_path / "out", "finetune.augment.time_masks.max_width=0")
    assert items["time_masks"]["absent"] == "With the recipe's settings it changes nothing."


def test_the_chance_is_that_of_both_coins(recipe, tmp_path):
    items, _ = made(recipe, tmp_path / "out", "finetune.augment.mixup.on=image")
    chances = {name: items[name]["chance"] for name in ("noise", "cutmix", "mixup", "time_masks")}
    assert chances == pytest.approx(
        {"noise": 0.175, "cutmix": 0.325, "mixup": 0.65, "time_masks": 0.5}
    )
    off, _ = made(recipe, tmp_path / "off", "finetune.augment.enabled=false")
    assert {item["chance"] for item in off.values()} == {0.0}


def test_the_same_recipe_gives_the_same_bytes(recipe, tmp_path):
    def digest(folder):
        made(recipe, folder)
        files = sorted((folder / "gallery").iterdir())
        return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]

    assert digest(tmp_path / "one") == digest(tmp_path / "other")


def test_given_recordings_are_shown_and_mixed(recipe, tmp_path):
    paths = [tmp_path / "c.wav", tmp_path / "d.wav"]
    for path in paths:
        call(path, 2000.0)
    _, about = made(recipe, tmp_path / "out", recordings=paths)
    assert [about["recording"], about["partner"]] == list(map(str, paths))


def test_the_partner_of_one_given_recording_comes_from_the_catalogs(recipe, tmp_path):
    given = tmp_path / "birds" / "low" / "a.wav"
    _, about = made(recipe, tmp_path / "out", recordings=[given])
    assert about["partner"] == str(tmp_path / "birds" / "high" / "b.wav")


def test_no_sound_is_clipped(recipe, tmp_path):
    made(recipe, tmp_path / "out", "finetune.augment.gain.max_db=30")
    sounds = [soundfile.read(path)[0] for path in (tmp_path / "out").rglob("*.flac")]
    assert max(np.abs(sound).max() for sound in sounds) == pytest.approx(0.9, abs=1e-3)


def test_a_recording_that_cannot_be_read_or_heard_is_refused(recipe, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    for name in ("absent.wav", "silent.wav"):
        with pytest.raises(AudioError):
            made(recipe, tmp_path / "out", recordings=[tmp_path / name])


def test_one_recording_alone_is_not_enough(recipe, tmp_path):
    (tmp_path / "birds" / "high" / "b.wav").unlink()
    with pytest.raises(ConfigError, match="no two recordings"):
        made(recipe, tmp_path / "out")


def test_a_folder_with_something_else_is_left_alone(recipe, tmp_path):
    own = tmp_path / "out" / "index.html"
    own.parent.mkdir()
    own.write_text("mine")
    with pytest.raises(ConfigError, match="something else"):
        made(recipe, own.parent)
    assert own.read_text() == "mine"


def test_a_gallery_is_replaced_by_a_new_one(recipe, tmp_path):
    made(recipe, tmp_path / "out")
    _, about = made(recipe, tmp_path / "out", "name=second")
    assert about["name"] == "second"
