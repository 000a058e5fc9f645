from __future__ import annotations

import shutil

import numpy as np
import polars as pl
import pytest
import yaml

from oscine.core import ArtifactError
from oscine.evaluate import Interval, cmap
from oscine.report import compare
from oscine.report.comparison import verdict
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
    expected = cmap(both.truth, both.scores) - cmap(both.truth, both.first_scores)
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
