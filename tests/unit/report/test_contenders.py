from __future__ import annotations

import polars as pl
import pytest
import yaml

from oscine.core import ArtifactError
from oscine.report.contenders import (
    flatten,
    group_names,
    make_contenders,
    name_members,
    read_member,
)
from unit.report.run_folder import put_json, write_run
from unit.report.test_comparison import of_seed


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("contenders") / "run", without=["audio", "scan"])


@pytest.fixture
def seeds(run, tmp_path):
    return [of_seed(run, tmp_path / f"plain-{seed}", seed) for seed in (3, 1, 2)]


def contenders(paths, group_seeds=True):
    found = make_contenders([read_member(path) for path in paths], group_seeds)
    return [(one.name, one.seeds) for one in found]


def change(run, **settings):
    recipe = yaml.safe_load((run / "recipe.yaml").read_text())
    (run / "recipe.yaml").write_text(yaml.safe_dump(recipe | settings))


def test_the_stage_is_the_one_asked_for_or_the_fine_tuned(run):
    assert read_member(run).stage == "finetune"
    assert read_member(run, "baseline").stage == "baseline"
    assert read_member(f"{run}:baseline").stage == "baseline"
    assert read_member(f"{run}:baseline", "finetune").stage == "baseline"


def test_a_folder_whose_name_has_a_colon_is_taken_as_it_is(run, tmp_path):
    odd = of_seed(run, tmp_path / "a:baseline", 1)
    assert (read_member(odd).run.path, read_member(odd).stage) == (odd, "finetune")
    assert read_member(f"{odd}:baseline").stage == "baseline"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (":pretrain", "no stage 'pretrain' to compare.*run:finetune or"),
        (":naive", "no out-of-fold scores of naive.*it has finetune, baseline"),
        ("-absent", "no run folder"),
    ],
)
def test_a_stage_or_a_run_that_is_not_there_is_named_with_what_is(run, end, words):
    with pytest.raises(ArtifactError, match=words):
        read_member(f"{run}{end}")


def test_runs_that_differ_in_their_seed_alone_are_one_by_rising_seed(run, seeds):
    assert contenders(seeds) == [("plain", [1, 2, 3])]
    ((name, of),) = contenders([run, *seeds])
    assert (name, of) == ("plain-1, plain-2, plain-3, run", [1, 2, 3, 42])


def test_seeds_stay_apart_when_asked(seeds):
    assert contenders(seeds, group_seeds=False) == [
        ("plain-3", [3]),
        ("plain-1", [1]),
        ("plain-2", [2]),
    ]


@pytest.mark.parametrize(
    ("settings", "together"),
    [
        ({"name": "other", "comment": "again", "tracking": {"wandb": True}}, True),
        ({"audio": {"window_s": 2.0, "sample_rate": 16000, "workers": 3}}, True),
        ({"audio": {"window_s": 3.0, "sample_rate": 16000}}, False),
        ({"target_folds": {"selected": [1, 2]}}, False),
        ({"evaluation": {"bootstrap": {"n": 20}}}, True),
        ({"evaluation": {"tta": 2}}, False),
    ],
    ids=["names", "workers", "window", "folds", "draws", "tta"],
)
def test_only_what_no_score_depends_on_may_differ_beside_the_seed(seeds, settings, together):
    change(seeds[0], **settings)
    assert (len(contenders(seeds)) == 1) is together


def test_another_version_or_stage_is_another_contender(seeds):
    asked = [f"{seeds[0]}:baseline", *seeds[1:]]
    assert contenders(asked) == [("plain-3", [3]), ("plain", [1, 2])]
    put_json(seeds[0] / "run.json", {"name": "x", "versions": {"oscine": "0.0.1"}})
    assert contenders(seeds) == [("plain-3", [3]), ("plain", [1, 2])]


def test_one_seed_twice_is_a_repetition_and_all_of_the_recipe_stay_apart(run, seeds, tmp_path):
    again = of_seed(run, tmp_path / "again", 1)
    assert [seed for _, seed in contenders([*seeds, again])] == [[3], [1], [2], [1]]


def test_contenders_stand_in_the_order_of_their_first_run(run, seeds, tmp_path):
    other = of_seed(run, tmp_path / "other", 5)
    change(other, debug=True)
    assert contenders([seeds[0], other, *seeds[1:]]) == [("plain", [1, 2, 3]), ("other", [5])]


def test_seeds_without_a_name_in_common_are_listed(run, tmp_path):
    paths = [of_seed(run, tmp_path / name, seed) for seed, name in enumerate(("dawn", "noon"))]
    assert contenders(paths) == [("dawn, noon", [0, 1])]
    assert contenders([f"{path}:baseline" for path in paths]) == [("dawn, noon", [0, 1])]


def test_a_model_that_is_given_twice_is_refused_but_not_two_stages_of_a_run(run):
    with pytest.raises(ArtifactError, match="finetune of a run is given twice"):
        name_members([read_member(run), read_member(f"{run}:finetune")])
    names = name_members([read_member(run), read_member(f"{run}:baseline")])
    assert names == ["run:finetune", "run:baseline"]


def test_runs_of_one_name_are_told_apart_by_their_parents(run, tmp_path):
    paths = [of_seed(run, tmp_path / part / "run", 1) for part in "ab"]
    assert name_members([read_member(path) for path in paths]) == ["a/run", "b/run"]


def test_clips_are_resampled_with_their_groups(run):
    one = read_member(run)
    groups = group_names([one], one.scored.table["recording_id"])
    assert len(groups) == one.scored.table.height
    assert set(groups) == {f"recordist {k}" for k in range(7)}
    assert group_names([one], pl.Series(["unknown"])) == ["unknown"]


def test_a_setting_goes_by_its_path_and_an_item_by_its_name():
    settings = {"seed": 1, "catalogs": [{"name": "uk", "role": None}], "a": {"b": [1, 2]}}
    assert flatten(settings) == {
        "seed": "1",
        "catalogs.uk.name": "uk",
        "catalogs.uk.role": "null",
        "a.b": "[1, 2]",
    }
