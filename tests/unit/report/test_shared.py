from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from oscine.core import ArtifactError
from oscine.evaluate import per_class
from oscine.report import Run
from oscine.report.contenders import Contender, read_member
from oscine.report.shared import class_changes, share
from unit.report.run_folder import put_json, write_run
from unit.report.test_comparison import of_seed, weaker


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("shared") / "run", without=["audio", "scan"])


def contender(*paths):
    return Contender(paths[0].name, [read_member(path) for path in paths])


def rewrite(run, change):
    for path in run.glob("fits/finetune/fold-*/out_of_fold.parquet"):
        change(pl.read_parquet(path)).write_parquet(path)


def test_runs_of_other_clips_and_classes_share_what_both_know(run, tmp_path):
    fewer = weaker(run, tmp_path / "fewer", share=0.0)
    kept = Run(fewer).classes("target")[:5]
    codes = [row["species_code"] for row in kept]
    put_json(fewer / "folds" / "classes.json", {"target": kept})
    rewrite(
        fewer,
        lambda table: (
            table.filter(pl.col("primary_label").is_in(codes))
            .with_columns(pl.col("scores").list.head(5))
            .reverse()
        ),
    )
    both = share(contender(run), contender(fewer))
    (first,), (other,) = both.first, both.other
    assert list(both.codes) == codes
    assert first.targets.sum() == len(first.targets) == both.n_clips > 0
    assert np.array_equal(first.scores, other.scores)
    assert list(first.groups) == list(other.groups)
    assert both.lost == (len(contender(run).recordings) - both.n_clips, 0)
    assert len(both.other_classes) == 14 - 5


def test_a_clip_of_another_label_is_left_out_and_counted(run, tmp_path):
    other = weaker(run, tmp_path / "other", share=0.0)
    moved = contender(run).members[0].scored.table.filter(primary_label="sp00")["recording_id"][0]
    label = pl.when(pl.col("recording_id") == moved).then(pl.lit("sp01"))
    rewrite(
        other,
        lambda table: table.with_columns(label.otherwise("primary_label").alias("primary_label")),
    )
    both = share(contender(run), contender(other))
    assert (both.relabelled, both.lost) == (1, (1, 1))
    assert moved not in set(both.clips["recording_id"])


def parts_of(run, folder, seeds, part):
    """A run for each seed, which scored a part of the clips as its folds were dealt."""
    found = []
    for seed in seeds:
        path = of_seed(run, folder / f"{seed}", seed, share=0.1 + 0.1 * seed)
        rewrite(path, lambda table, seed=seed: part(table, seed))
        found.append(path)
    return found


def halves(table, seed):
    return table.filter(pl.col("recording_id").hash(seed=0) % 2 == seed % 2)


def test_with_the_same_seeds_each_is_compared_on_its_own_clips(run, tmp_path):
    first = contender(*parts_of(run, tmp_path / "a", (0, 1), halves))
    other = contender(*parts_of(run, tmp_path / "b", (0, 1), halves))
    both = share(first, other)
    assert both.paired
    assert both.lost == (0, 0)
    n = [len(fit.targets) for fit in both.first]
    assert sum(n) == both.n_clips == len(first.recordings)
    assert [len(fit.targets) for fit in both.other] == n


def test_with_other_seeds_only_clips_of_all_are_compared(run, tmp_path):
    first = contender(*parts_of(run, tmp_path / "a", (0, 2), lambda table, _: table))
    other = contender(*parts_of(run, tmp_path / "b", (4, 6, 8), halves))
    both = share(first, other)
    assert not both.paired
    assert (len(both.first), len(both.other)) == (2, 3)
    assert {len(fit.targets) for fit in [*both.first, *both.other]} == {both.n_clips}
    assert both.lost == (len(first.recordings) - both.n_clips, 0)


def test_seeds_whose_folds_share_no_clip_say_how_to_compare_them(run, tmp_path):
    first = contender(*parts_of(run, tmp_path / "a", (0, 2), halves))
    other = contender(*parts_of(run, tmp_path / "b", (1, 3), halves))
    with pytest.raises(ArtifactError, match=r"no clip is scored here.*same seeds on both sides"):
        share(first, other)


def test_runs_without_a_class_in_common_say_so(run, tmp_path):
    other = weaker(run, tmp_path / "other", share=0.0)
    renamed = [
        {**row, "species_code": f"x{place}"} for place, row in enumerate(Run(run).classes("target"))
    ]
    put_json(other / "folds" / "classes.json", {"target": renamed})
    rewrite(other, lambda table: table.with_columns(primary_label=pl.lit("x0")))
    with pytest.raises(ArtifactError, match="no class is known here"):
        share(contender(run), contender(other))


def test_average_precision_of_a_class_is_the_mean_over_seeds(run, tmp_path):
    seeds = parts_of(run, tmp_path, (1, 2), lambda table, _: table)
    both = share(contender(run), contender(*seeds))
    rows = class_changes(both)
    (row,) = rows.filter(species_code="sp00").to_dicts()
    values = [per_class(fit.targets, fit.scores)["average_precision"][0] for fit in both.other]
    assert row["other"] == pytest.approx(np.mean(values))
    assert row["n"] == both.first[0].targets[:, 0].sum()
    assert rows["change"].to_list() == sorted(rows["change"], reverse=True)
