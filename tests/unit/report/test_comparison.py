from __future__ import annotations

import shutil

import numpy as np
import polars as pl
import pytest
import yaml

from oscine.core import ArtifactError
from oscine.evaluate import Interval, cmap
from oscine.report import compare
from oscine.report.comparison import spread, verdict
from unit.report.run_folder import write_run


def weaker(run, target, share=0.5, seed=0):
    """A copy of a run whose scores are mixed with noise; its recipe says so."""
    shutil.copytree(run, target)
    draws = np.random.default_rng(seed)
    for path in sorted(target.glob("fits/*/fold-*/out_of_fold.parquet")):
        table = pl.read_parquet(path)
        scores = np.array(table["scores"].to_list())
        mixed = (1 - share) * scores + share * draws.random(scores.shape)
        table.with_columns(scores=pl.Series(mixed.tolist())).write_parquet(path)
    recipe = yaml.safe_load((target / "recipe.yaml").read_text())
    recipe["seed"], recipe["catalogs"][1]["role"] = 7, "pretrain"
    (target / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return target


def of_seed(run, target, seed, share=0.05):
    """A copy of a run as another seed would leave it: a little noise in the scores."""
    weaker(run, target, share, seed)
    recipe = yaml.safe_load((run / "recipe.yaml").read_text())
    (target / "recipe.yaml").write_text(yaml.safe_dump(recipe | {"seed": seed}))
    return target


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    home = tmp_path_factory.mktemp("compared")
    first = write_run(home / "first", without=["audio", "scan"])
    return first, weaker(first, home / "worse"), weaker(first, home / "same", share=0.0)


@pytest.fixture(scope="module")
def comparison(runs):
    return compare(runs, n_draws=200)


def test_a_run_is_not_told_apart_from_its_copy(comparison):
    for one in comparison.differences["same"].values():
        assert (one.value, one.low, one.high) == (0.0, 0.0, 0.0)
        assert verdict(one) == "not told apart"
    assert set(comparison.by_class["same"]["change"]) == {0.0}


def test_noise_in_the_scores_is_worse_and_the_other_way_round_better(comparison, runs):
    assert verdict(comparison.differences["worse"]["cmap"]) == "worse"
    turned = compare([runs[1], runs[0]], n_draws=200)
    assert verdict(turned.differences["first"]["cmap"]) == "better"


def test_a_difference_is_that_of_the_metrics_on_the_shared_clips(comparison):
    both = comparison.shared["worse"]
    before, after = (cmap(fit.targets, fit.scores) for (fit,) in (both.first, both.other))
    expected = after - before
    assert comparison.differences["worse"]["cmap"].value == pytest.approx(expected)


def test_a_small_difference_is_called_better_by_no_more_than_its_interval_says():
    assert verdict(Interval(0.3, -0.001, 0.6)) == "not told apart"
    assert verdict(Interval(0.001, 0.0005, 0.0015)) == "better"
    assert verdict(Interval(-0.1, -0.2, -0.01)) == "worse"
    assert verdict(Interval(0.1, None, None)) == "too few groups"
    assert verdict(None) == "undefined"


def test_intervals_are_wider_the_more_runs_are_held_against_one(runs, comparison):
    alone = compare(runs[:2], n_draws=200)
    assert alone.difference_level == pytest.approx(0.95)
    assert comparison.difference_level == pytest.approx(0.975)
    narrow, wide = (one.differences["worse"]["cmap"] for one in (alone, comparison))
    assert wide.high - wide.low > narrow.high - narrow.low


def test_too_few_draws_for_many_contenders_are_known(runs, comparison):
    assert compare(runs[:2]).draws_wanted == 200
    assert comparison.draws_wanted == 400


def test_one_stage_of_a_run_is_held_against_another_of_the_same_run(runs):
    found = compare([f"{runs[0]}:baseline", f"{runs[0]}:finetune"], n_draws=100)
    assert [one.name for one in found.contenders] == ["first:baseline", "first:finetune"]
    assert verdict(found.differences["first:finetune"]["cmap"]) == "better"
    assert found.settings == []


def test_seeds_are_one_contender_with_their_mean_and_their_spread(runs, tmp_path):
    own, other = (
        [of_seed(run, tmp_path / f"{name}-{seed}", seed) for seed in (1, 2, 3)]
        for name, run in zip(("own", "other"), runs[:2], strict=True)
    )
    for path in other:
        recipe = yaml.safe_load((path / "recipe.yaml").read_text())
        (path / "recipe.yaml").write_text(yaml.safe_dump(recipe | {"debug": True}))
    found = compare([*own, *other], n_draws=100)
    assert [one.name for one in found.contenders] == ["own", "other"]
    values = [one["cmap"] for one in found.by_seed["own"]]
    assert found.values["own"]["cmap"].value == pytest.approx(np.mean(values))
    assert spread(values) == pytest.approx(np.std(values, ddof=1))
    assert verdict(found.differences["other"]["cmap"]) == "worse"
    assert ["seed", "1, 2, 3", "1, 2, 3"] not in found.settings
    alone = compare([*own, *other], n_draws=20, group_seeds=False)
    assert len(alone.contenders) == 6


def test_an_interval_of_seeds_that_differ_is_wider_than_that_of_one_run(runs, tmp_path):
    # Copies of one run share clips and differ in their seeds' noise alone.
    alike, unlike = (
        [of_seed(runs[0], tmp_path / f"{share}-{seed}", seed, share) for seed in (1, 2, 3)]
        for share in (0.0, 0.4)
    )
    narrow, wide = (
        compare([runs[1], *seeds], n_draws=200).differences[f"{share}"]["cmap"]
        for share, seeds in ((0.0, alike), (0.4, unlike))
    )
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_runs_that_differ_in_their_seed_alone_are_nothing_to_compare_unless_asked(runs, tmp_path):
    other = of_seed(runs[0], tmp_path / "other", 1)
    with pytest.raises(ArtifactError, match=r"seed alone.*--no-group-seeds"):
        compare([runs[0], other])
    assert len(compare([runs[0], other], n_draws=5, group_seeds=False).contenders) == 2


def test_settings_that_differ_are_named_by_their_path(comparison):
    assert comparison.settings == [
        ["catalogs.chorus-2032.role", "target", "pretrain", "pretrain"],
        ["seed", "42", "7", "7"],
    ]


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda run: [run], "nothing to compare"),
        (lambda run: [run, run], "given twice"),
        (lambda run: [run, run / "folds"], "no run folder"),
        (lambda run: [run, strip(run)], "no out-of-fold scores"),
        (lambda run: [run, rename(run)], "no clip is scored here"),
    ],
)
def test_what_cannot_be_compared_says_why(runs, tmp_path, break_it, words):
    own = shutil.copytree(runs[0], tmp_path / "run")
    with pytest.raises(ArtifactError, match=words):
        compare(break_it(own))


def strip(run):
    shutil.copytree(run, run.parent / "bare")
    shutil.rmtree(run.parent / "bare" / "fits")
    return run.parent / "bare"


def rename(run):
    other = shutil.copytree(run, run.parent / "other")
    for path in other.glob("fits/*/fold-*/out_of_fold.parquet"):
        pl.read_parquet(path).with_columns(pl.col("recording_id") + "x").write_parquet(path)
    return other
