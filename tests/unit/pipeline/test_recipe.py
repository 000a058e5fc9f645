from __future__ import annotations

from pathlib import Path

import pytest

from oscine.core import ConfigError, OscineError
from oscine.pipeline import Recipe, load_recipe, preset_names
from oscine.pipeline.recipe import ScanStage
from oscine.train.config import FitConfig

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.yaml"))
TARGET = {"name": "b", "source": "folder", "path": "b", "role": "target"}
PRETRAIN = {"name": "a", "source": "folder", "path": "a", "role": "pretrain"}

SMALL = """\
catalogs:
  - {name: a, source: folder, path: data/a, role: pretrain}
  - {name: b, source: folder, path: /data/b, role: target}
  - {name: c, source: folder, path: "gs://bucket/c", role: target}
taxonomy: {tables: [ebird.csv], crosswalk: own.csv}
merge: {corrupt_lists: [bad.txt]}
audit: {speech_model: voice.onnx}
model: {pretrain: weights.pth}
scan: {paths: ["calls/*.ogg"], annotations: calls.csv}
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "recipes" / "small.yaml"
    path.parent.mkdir()
    path.write_text(SMALL)
    return path


@pytest.mark.parametrize("name", [*preset_names(), *map(str, EXAMPLES)])
def test_presets_and_examples_are_valid_and_survive_being_written(name, tmp_path):
    recipe = load_recipe(name)
    copy = tmp_path / "copy.yaml"
    copy.write_text(recipe.to_yaml())
    assert load_recipe(str(copy)).model_dump(exclude={"scan", "catalogs", "model", "merge"}) == (
        recipe.model_dump(exclude={"scan", "catalogs", "model", "merge"})
    )


def test_there_are_examples_and_presets():
    assert EXAMPLES
    assert "demo" in preset_names()


def test_relative_paths_are_relative_to_the_recipe(small):
    recipe, home = load_recipe(str(small)), small.parent
    assert recipe.catalogs[0].path == home / "data/a"
    assert recipe.taxonomy.paths == (home / "ebird.csv", home / "own.csv")
    assert recipe.merge.corrupt_lists == (home / "bad.txt",)
    assert recipe.audit.speech_model == home / "voice.onnx"
    assert recipe.model.pretrain == str(home / "weights.pth")
    assert recipe.scan.paths == (str(home / "calls/*.ogg"),)
    assert recipe.scan.annotations == str(home / "calls.csv")


@pytest.mark.parametrize("part", ["background", "reverb"])
@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_folders_of_sounds_are_relative_to_the_recipe(small, stage, part):
    def folder(where):
        recipe = load_recipe(str(small), [f"{stage}.augment.{part}.folder={where}"])
        return getattr(getattr(recipe, stage).augment, part).folder

    assert folder("../rain") == small.parent.parent / "rain"
    assert folder("/rain") == Path("/rain")
    assert str(folder("gs://bucket/rain")) == "gs://bucket/rain"


def test_urls_stay_where_they_are(small):
    recipe = load_recipe(
        str(small),
        [
            "model.pretrain=gs://b/w.safetensors",
            "scan.paths=[https://h/x.wav]",
            "merge.corrupt_lists=[s3://b/bad.txt]",
            "taxonomy.tables=[https://h/ebird.csv]",
        ],
    )
    assert str(recipe.catalogs[2].path) == "gs://bucket/c"
    assert recipe.model.pretrain == "gs://b/w.safetensors"
    assert recipe.scan.paths == ("https://h/x.wav",)
    assert list(map(str, recipe.merge.corrupt_lists)) == ["s3://b/bad.txt"]
    assert str(recipe.taxonomy.tables[0]) == "https://h/ebird.csv"
    assert "path: gs://bucket/c\n" in recipe.to_yaml()


def test_absolute_paths_stay(small):
    recipe = load_recipe(str(small), ["model.pretrain=/w.pth", "scan.paths=[/x]"])
    assert recipe.catalogs[1].path == Path("/data/b")
    assert (recipe.model.pretrain, recipe.scan.paths) == ("/w.pth", ("/x",))


@pytest.mark.parametrize("word", ["imagenet", "none"])
def test_words_for_weights_are_no_paths(small, word):
    assert load_recipe(str(small), [f"model.pretrain={word}"]).model.pretrain == word


def test_paths_of_a_preset_are_relative_to_where_one_stands():
    assert load_recipe("demo").catalogs[0].path == Path.cwd() / "demo-data/year_a"


def test_overrides_change_settings_of_every_depth(small):
    recipe = load_recipe(
        str(small), ["seed=7", "finetune.optimizer.learning_rate=1e-4", "catalogs.0.name=x"]
    )
    assert (recipe.seed, recipe.finetune.optimizer.learning_rate) == (7, 1e-4)
    assert recipe.catalogs[0].name == "x"


def test_a_recipe_is_one_whichever_way_its_path_is_written(small, monkeypatch):
    """Or the stages of a run would be stale when one stands in another folder."""
    monkeypatch.chdir(small.parent)
    assert (
        load_recipe("small.yaml") == load_recipe(str(small)) == load_recipe("../recipes/small.yaml")
    )


def test_a_debug_run_has_one_epoch_a_stage_and_else_the_same_settings(small):
    recipe = load_recipe(str(small), ["debug=true", "finetune.batch_size=8"])
    assert (recipe.pretrain.epochs, recipe.finetune.epochs) == (1, 1)
    assert recipe.finetune.batch_size == 8


def test_a_debug_run_without_pretraining_stays_without(small):
    assert load_recipe(str(small), ["debug=true", "pretrain=null"]).pretrain is None


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("model.bakbone=resnet18", "did you mean backbone?"),
        ("finetune.optimizer.learningrate=1", "did you mean learning_rate?"),
        ("catalogs.0.pth=x", "did you mean path?"),
        ("sed=1", "did you mean seed?"),
        ("audio.zzz=1", "choices: sample_rate"),
    ],
)
def test_an_unknown_setting_is_an_error_that_names_the_nearest(small, setting, hint):
    with pytest.raises(ConfigError) as caught:
        load_recipe(str(small), [setting])
    assert setting.partition("=")[0] in str(caught.value)
    assert hint in str(caught.value)
    assert str(small) in str(caught.value)


def test_all_bad_settings_are_told_at_once(small):
    with pytest.raises(ConfigError, match=r"(?s)seed.*finetune\.epochs"):
        load_recipe(str(small), ["seed=-1", "finetune.epochs=none"])


@pytest.mark.parametrize("name", ["nonsense", "demo.yml"])
def test_a_recipe_that_does_not_exist_is_an_error_with_a_way_out(name):
    with pytest.raises(ConfigError, match=r"presets?: demo|check the path"):
        load_recipe(name)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"catalogs": [TARGET, TARGET]}, "two catalogs have one name"),
        ({"catalogs": [PRETRAIN]}, "no catalog has the role target"),
        (
            {"catalogs": [TARGET], "audio": {"cache": "int16"}, "audit": {"enabled": False}},
            "needs the audit",
        ),
        ({"catalogs": [TARGET], "name": "no/slash"}, "name"),
        ({"catalogs": [TARGET], "pretrain_folds": {"selected": (0, 1)}}, "one fold, not many"),
        ({"catalogs": [TARGET], "evaluation": {"keep_columns": ("x",)}}, "no column 'x'"),
        ({"catalogs": [TARGET], "features": {"f_max_hz": 20_000}}, "f_max_hz"),
        ({"catalogs": [TARGET], "scan": {"settings": {"formats": ("x",)}}}, "raven"),
    ],
)
def test_recipes_that_cannot_run_are_refused_before_they_start(settings, said):
    with pytest.raises((ValueError, OscineError), match=said):
        Recipe(**settings)


@pytest.mark.parametrize(
    ("catalogs", "pretrain", "expected"),
    [
        ([PRETRAIN, TARGET], FitConfig(), True),
        ([TARGET], FitConfig(), False),
        ([PRETRAIN, TARGET], None, False),
    ],
)
def test_a_recipe_pretrains_if_it_has_both_a_catalog_and_a_stage_for_it(
    catalogs, pretrain, expected
):
    assert Recipe(catalogs=catalogs, pretrain=pretrain).pretrains is expected


def test_reading_threads_are_the_cores_unless_the_recipe_says_otherwise():
    assert Recipe(catalogs=[TARGET]).workers >= 1
    assert Recipe(catalogs=[TARGET], audio={"workers": 3}).workers == 3


def test_how_often_a_fit_is_saved_is_no_setting_of_its_result():
    often, seldom = FitConfig(checkpoint_every_s=0), FitConfig(checkpoint_every_s=99)
    assert often.result_settings() == seldom.result_settings()


@pytest.mark.parametrize("name", sorted(FitConfig().to_plain().keys() - {"checkpoint_every_s"}))
def test_every_other_setting_of_a_fit_is_one_of_its_result(name):
    assert name in FitConfig().result_settings()


def test_a_run_scans_nothing_unless_it_is_told_what():
    assert ScanStage().paths == ()


def test_naive_folds_cannot_be_compared_with_naive_folds(small):
    with pytest.raises(ConfigError, match="no grouped folds to compare"):
        load_recipe(str(small), ["compare_naive=true", "target_folds.naive=true"])
