from __future__ import annotations

import shutil

import polars as pl

from oscine.report import compare
from oscine.report.blocks import MINUS
from oscine.report.sections import verdicts
from unit.report.test_comparison import of_seed, weaker


def test_the_sentence_says_worse_with_its_interval(comparison):
    text = verdicts.sentence(comparison, "other")
    assert text.startswith(f"other is worse than first by {MINUS}")
    assert "95 % interval" in text


def test_the_sentence_of_a_copy_claims_nothing(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    text = verdicts.sentence(compare([runs[0], copy], n_draws=50), "copy")
    assert "cannot be told apart" in text


def test_a_run_alone_is_told_to_say_nothing_of_other_seeds(comparison):
    (text,) = verdicts.notes(comparison)
    assert text.startswith("One run each")


def test_several_contenders_are_told_to_be_several_and_draws_to_be_few(runs, tmp_path):
    third = weaker(runs[0], tmp_path / "third", seed=1)
    _, level, draws = verdicts.notes(compare([*runs, third], n_draws=50))
    assert "97.5 % interval" in level
    assert "not widened for the number of metrics" in level
    assert draws == (
        "50 draws are few for intervals of this level: --draws 400 or more give steadier bounds."
    )


def test_seeds_are_named_and_whether_they_are_held_against_each_other(runs, tmp_path):
    seeds = [of_seed(runs[0], tmp_path / f"plain-{seed}", seed) for seed in (1, 2)]
    (text,) = verdicts.notes(compare([runs[1], *seeds], n_draws=200))
    assert text.startswith("plain: seeds 1, 2. The intervals hold for clips like these and for")
    assert "Two seeds tell little of others" in text
    assert "plain and other do not have the same seeds" in text


def test_what_was_left_out_is_counted(runs, tmp_path):
    fewer = weaker(runs[0], tmp_path / "fewer")
    for path in fewer.glob("fits/finetune/fold-*/out_of_fold.parquet"):
        pl.read_parquet(path)[1:].write_parquet(path)
    *_, text = verdicts.notes(compare([runs[0], fewer], n_draws=200))
    assert text == "Left out between first and fewer: 3 clips that only first scored."


def test_the_method_is_cited(comparison):
    text = " ".join(verdicts.method(comparison).text)
    assert all(name in text for name in ("Efron", "Field", "Student", "Owen", "Dunn"))
    assert "200 times" in text
