"""docs/results.md is written from run folders: its tables hold what the runs scored."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from docs.documents import ROOT, page_text, tables
from oscine.core import ArtifactError
from oscine.evaluate import cmap
from oscine.report import Run
from oscine.report.out_of_fold import read_scores
from unit.report.run_folder import write_run

sys.path.insert(0, str(ROOT / "scripts"))
import duets
import results
import results_page

RUNS = ("random-0", "random-1", "imagenet-0", "imagenet-1", "imagenet-2")
PAGE = """# Results

<!-- made by scripts/results.py: starts -->
old
<!-- end of starts -->

A sentence that stays.

<!-- made by scripts/results.py: gains -->
<!-- end of gains -->
"""


def disturbed(run: Path, target: Path, share: float, seed: int) -> Path:
    """A copy of a run whose rows stand in another order, its scores mixed with noise."""
    shutil.copytree(run, target)
    draws = np.random.default_rng(seed)
    for path in sorted(target.glob("fits/*/fold-*/out_of_fold.parquet")):
        table = pl.read_parquet(path).sample(fraction=1.0, shuffle=True, seed=seed)
        scores = np.array(table["scores"].to_list())
        mixed = (1 - share) * scores + share * draws.random(scores.shape)
        table.with_columns(scores=pl.Series(mixed.tolist())).write_parquet(path)
    return target


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("runs")
    first = write_run(home / "random-0", without=["audio", "scan"])
    for seed, name in enumerate(RUNS[1:]):
        disturbed(first, home / name, share=0.4 if name == "random-1" else 0.1, seed=seed)
    disturbed(first, home / "plain-0", share=0.3, seed=8)
    disturbed(first, home / "mixup-0", share=0.0, seed=9)
    return home


@pytest.fixture(scope="module")
def page(runs: Path) -> list[str]:
    path = runs / "results.md"
    path.write_text(PAGE, encoding="utf-8")
    results_page.write_page(runs, path, n_draws=100)
    return path.read_text(encoding="utf-8").splitlines()


def row_of(page: list[str], name: str) -> list[str]:
    (line,) = [line for line in page if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def scored(runs: Path, name: str, stage: str) -> float:
    found = read_scores(Run(runs / name), stage)
    assert found is not None
    return cmap(found.targets(), found.scores)


def test_only_what_stands_between_the_marks_is_written(page: list[str]) -> None:
    assert "old" not in page
    kept = [line for line in page if not line.startswith("|")]
    assert kept == [line for line in PAGE.splitlines() if line != "old"]


def test_a_cell_is_the_mean_of_the_seeds_with_their_spread(runs: Path, page: list[str]) -> None:
    values = [scored(runs, f"random-{seed}", "baseline") for seed in (0, 1)]
    cell, seeds = row_of(page, "random")[1], row_of(page, "random")[-1]
    assert cell.startswith(f"{np.mean(values):.3f} (")
    assert cell.endswith(f") ± {np.std(values, ddof=1):.3f}")
    assert seeds == ", ".join(f"{value:.3f}" for value in values)


def test_a_gain_is_the_mean_difference_of_seed_and_seed(runs: Path, page: list[str]) -> None:
    differences = [
        scored(runs, f"random-{seed}", "finetune") - scored(runs, f"random-{seed}", "baseline")
        for seed in (0, 1)
    ]
    cell = row_of(page, "pretraining, from random weights")[1]
    assert cell.startswith(f"{np.mean(differences):+.3f} (")
    assert cell.endswith(f") ± {np.std(differences, ddof=1):.3f}")


def test_a_verdict_says_no_more_than_the_interval(page: list[str]) -> None:
    for name in results_page.GAINS:
        _, cell, *_, said = row_of(page, name)
        low, high = (float(text) for text in re.findall(r"[+-]\d\.\d+", cell)[1:])
        expected = "better" if low > 0 else "worse" if high < 0 else "not told apart"
        assert said == expected


def test_a_seed_counts_when_every_run_of_the_table_is_finished(runs: Path) -> None:
    assert results_page.finished_seeds(runs, results_page.STARTS) == [0, 1]


def test_a_table_without_finished_runs_is_an_error_that_says_how_to_make_them(runs: Path) -> None:
    with pytest.raises(ArtifactError, match=r"results\.py runs"):
        results_page.alone(runs, 10)


def test_what_is_switched_on_alone_is_held_against_plain(runs: Path) -> None:
    trials = {"plain": ("plain", "finetune"), "mixup": ("mixup", "finetune")}
    fits = results_page.read_fits(runs, trials)
    change = scored(runs, "mixup-0", "finetune") - scored(runs, "plain-0", "finetune")
    assert change > 0
    assert fits["mixup"].changes(fits["plain"], 100)[0].startswith(f"{change:+.3f} (")
    assert fits["plain"].changes(fits["plain"], 20)[-1] == "not told apart"


def test_intervals_widen_with_the_number_of_settings_tried(runs: Path) -> None:
    fits = results_page.read_fits(runs, results_page.STARTS)
    one, other = fits["random, then pretrained"], fits["random"]

    def width(n_tried: int) -> float:
        low, high = re.findall(r"[+-]\d\.\d+", one.changes(other, 200, n_tried)[0])[1:]
        return float(high) - float(low)

    assert width(5) > width(1)


def test_runs_of_other_clips_are_refused(runs: Path, tmp_path: Path) -> None:
    for name in ("random-0", "imagenet-0"):
        shutil.copytree(runs / name, tmp_path / name)
    path = tmp_path / "imagenet-0/fits/baseline/fold-1/out_of_fold.parquet"
    pl.read_parquet(path).head(3).write_parquet(path)
    with pytest.raises(ArtifactError, match="clips"):
        results_page.read_fits(tmp_path, results_page.STARTS)


def test_all_that_is_heard_has_the_secondary_labels_too(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "random-0", tmp_path / "duets-ignore-0")
    path = tmp_path / "duets-ignore-0/fits/finetune/fold-0/out_of_fold.parquet"
    table = pl.read_parquet(path)
    behind = [["sp03", "elsewhere"], *[[] for _ in range(len(table) - 1)]]
    table.with_columns(secondary_labels=pl.Series(behind, dtype=pl.List(pl.String))).write_parquet(
        path
    )
    one = results_page.read_member(tmp_path / "duets-ignore-0", "finetune")
    front, heard = one.scored.targets(), results_page.all_heard(one)
    place = one.scored.table["recording_id"].to_list().index(table["recording_id"][0])
    assert heard[place, one.scored.codes.index("sp03")]
    assert heard.sum() - front.sum() == 1


def test_the_account_adds_up_the_fits_and_no_other_stage(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "random-0", tmp_path / "random-0")
    about = tmp_path / "random-0/run.json"
    facts: dict[str, Any] = json.loads(about.read_text(encoding="utf-8"))
    stages = [("audit", 9999.0), ("pretrain/fold-0", 3600.0), ("finetune/fold-0", 1800.0)]
    facts["stages"] = [{"stage": name, "seconds": seconds} for name, seconds in stages]
    about.write_text(json.dumps(facts), encoding="utf-8")
    told = results_page.account(tmp_path, 10)
    assert told.startswith("1 runs, 2 fits, 1.5 hours")
    assert "5a151cd with uncommitted changes" in told


def test_each_trial_changes_what_it_is_named_for_and_nothing_else(tmp_path: Path) -> None:
    weights, clips = tmp_path / "weights.pth", tmp_path / "duets"
    found = {trial.folder.name: trial.recipe() for trial in results.trials(weights, clips)}
    plain, fits = found["imagenet-0"], {name: one.finetune for name, one in found.items()}
    assert found["random-0"].finetune == plain.finetune
    assert not plain.finetune.augment.mixes
    changed = {"name": plain.name, "pretrain": plain.pretrain, "baseline": True}
    for name in results.ALONE:
        alone = found[f"{name}-0"]
        assert not alone.pretrains
        assert alone.finetune != plain.finetune
        assert alone.model_copy(update={**changed, "finetune": plain.finetune}) == plain
    assert fits["mixup-0"].augment.mixup.probability == 0.5
    assert fits["smoothing-0"].loss.label_smoothing == 0.05
    assert fits["specaug-0"].augment.time_masks.probability == 0.5
    assert fits["upsampling-0"].sampling.upsample == 16
    assert fits["duets-mask-0"].loss.secondary_labels == "mask"
    assert found["duets-mask-0"].catalogs == found["duets-ignore-0"].catalogs
    assert {one.seed for one in found.values()} == {0, 1, 2}


def test_every_row_of_a_table_has_a_run() -> None:
    names = {trial.name for trial in results.trials(Path("weights.pth"), Path("duets"))}
    rows = [results_page.STARTS, results_page.ALONE, results_page.SECONDARY]
    assert names == {run for table in rows for run, _ in table.values()}


def test_a_new_run_takes_over_the_stages_that_runs_share(runs: Path, tmp_path: Path) -> None:
    donor = tmp_path / "plain-0"
    shutil.copytree(runs / "random-0", donor)
    for stage in ("catalog", "audit", "finetune-fold-0"):
        (donor / "stages").mkdir(exist_ok=True)
        (donor / f"stages/{stage}.json").write_text("{}", encoding="utf-8")
    results.start_from(donor, tmp_path / "mixup-0")
    taken = {path.name for path in (tmp_path / "mixup-0").iterdir()}
    assert taken == {"audit", "catalog", "stages", "run.json"}
    assert len(list((tmp_path / "mixup-0/stages").iterdir())) == 2


def test_pairs_are_of_two_labels_and_mutual() -> None:
    labels = ["wren"] * 6 + ["robin"] * 3 + ["rook"] * 2
    names = [f"{label}-{place}" for place, label in enumerate(labels)]
    partner = duets.pair_up(names, labels, seed=0)
    assert len(partner) >= 8
    for name, other in partner.items():
        assert partner[other] == name
        assert name.split("-")[0] != other.split("-")[0]


@pytest.mark.parametrize("n_behind", [300, 4000])
def test_the_voice_behind_is_as_much_softer_as_is_said(n_behind: int) -> None:
    draws = np.random.default_rng(0)
    front = draws.normal(0, 0.01, 1000).astype(np.float32)
    behind = draws.normal(0, 0.3, n_behind).astype(np.float32)
    added = duets.mix(front, behind, -6.0) - front
    assert len(added) == 1000
    level = 20 * np.log10(added.std() / front.std())
    assert level == pytest.approx(-6.0, abs=0.1)  # the means of the noises are not quite 0


def test_a_loud_mixture_does_not_clip() -> None:
    loud = np.full(100, 0.9, np.float32)
    assert np.abs(duets.mix(loud, loud, 0.0)).max() <= 0.99


def test_the_page_has_every_part_and_none_is_empty() -> None:
    text = page_text("docs/results.md")
    for name in results_page.PARTS:
        head, foot = f"<!-- made by scripts/results.py: {name} -->", f"<!-- end of {name} -->"
        assert len(text.partition(head)[2].partition(foot)[0].strip()) > 100


def test_the_readme_tells_the_figures_of_the_page() -> None:
    told = page_text("README.md").partition("## Results")[2].partition("\nSpeed")[0]
    cells = [cell for table in tables("docs/results.md") for row in table for cell in row]
    figures = re.findall(r"\d\.\d{2,}", told)
    assert figures
    for figure in figures:
        values = [float(text) for cell in cells for text in re.findall(r"\d\.\d{3}", cell)]
        assert any(f"{value:.{len(figure) - 2}f}" == figure for value in values), figure
